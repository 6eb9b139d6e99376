# shellcheck shell=bash
# What the steps that write to a pull request have in common. What a token may not do is said, and fails nothing.

export GH_HOST=${GITHUB_SERVER_URL#https://}
export GH_ENTERPRISE_TOKEN=$GH_TOKEN
export GH_PROMPT_DISABLED=1

skip() {
  printf '::notice title=permdelta::%s\n' "$1"
  exit 0
}

# shellcheck disable=SC2034 # other scripts use it
denied="gh says why above. Pull requests from forks and by Dependabot have a token that may only read; otherwise add to the job's permissions  pull-requests: write"

# Not in the checkout: nothing in it is to be taken for settings.
cd "$RUNNER_TEMP" || exit 3
[[ $PERMDELTA_PULL_REQUEST =~ ^[0-9]+$ ]] || skip "the event names no pull request"
command -v gh >/dev/null || skip "there is no gh on this runner"

# The first line of a text, which has to be a marker that permdelta writes, for the filters.
marked() {
  export PERMDELTA_MARKER=${1%%$'\n'*}
  [[ $PERMDELTA_MARKER =~ ^'<!-- permdelta'(' review')?(': '[A-Za-z0-9._-]+)?' -->'$ ]] || skip "the report has no marker"
}

# What a filter picks from all nodes of one list of the pull request:  pages LIST FIELDS FILTER
pages() {
  local query
  # shellcheck disable=SC2016 # the dollars are GraphQL's
  printf -v query 'query($owner: String!, $name: String!, $number: Int!, $endCursor: String) {
    repository(owner: $owner, name: $name) {
      pullRequest(number: $number) {
        %s(first: 100, after: $endCursor) { nodes { %s } pageInfo { hasNextPage endCursor } }
      }
    }
  }' "$1" "$2"
  gh api graphql --paginate -f owner="${GITHUB_REPOSITORY%%/*}" -f name="${GITHUB_REPOSITORY#*/}" \
    -F number="$PERMDELTA_PULL_REQUEST" -f query="$query" --jq ".data.repository.pullRequest.$1.nodes[] | $3"
}

# Whether a text begins with the report's marker, for the filters.
# shellcheck disable=SC2034,SC2016 # other scripts use it; the dollar is jq's
has_marker='(. // "" | split("\n")[0] | rtrimstr("\r")) == $ENV.PERMDELTA_MARKER'
