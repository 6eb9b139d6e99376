#!/usr/bin/env bash
# Keeps one comment on the pull request up to date: the one by this token's own account that begins with the
# report's marker. That a token may not comment is said, and fails nothing.
set -euo pipefail

export GH_HOST=${GITHUB_SERVER_URL#https://}
export GH_ENTERPRISE_TOKEN=$GH_TOKEN
export GH_PROMPT_DISABLED=1

skip() {
  printf '::notice title=permdelta::%s\n' "$1"
  exit 0
}

# Not in the checkout: nothing in it is to be taken for settings.
cd "$RUNNER_TEMP"
[[ $PERMDELTA_PULL_REQUEST =~ ^[0-9]+$ ]] || skip "no comment: the event names no pull request"
command -v gh >/dev/null || skip "no comment: there is no gh on this runner"

marker=$(head -n 1 "$PERMDELTA_MARKDOWN")
[[ $marker =~ ^'<!-- permdelta'(': '[A-Za-z0-9._-]+)?' -->'$ ]] || skip "no comment: the report has no marker"
export PERMDELTA_MARKER=$marker

# shellcheck disable=SC2016 # the dollars are GraphQL's and jq's
comments='query($owner: String!, $name: String!, $number: Int!, $endCursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $endCursor) {
        nodes { databaseId viewerDidAuthor body }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}'
# shellcheck disable=SC2016
own='.data.repository.pullRequest.comments.nodes[]
  | select(.viewerDidAuthor and (.body | split("\n")[0] | rtrimstr("\r")) == $ENV.PERMDELTA_MARKER)
  | .databaseId'
denied="this run's token may not. Pull requests from forks and by Dependabot get a read-only one; otherwise add to the job's permissions  pull-requests: write"

found=$(gh api graphql --paginate -f owner="${GITHUB_REPOSITORY%%/*}" -f name="${GITHUB_REPOSITORY#*/}" \
  -F number="$PERMDELTA_PULL_REQUEST" -f query="$comments" --jq "$own") ||
  skip "no comment: comments cannot be read, $denied"
id=${found%%$'\n'*}

if [[ $id =~ ^[0-9]+$ ]]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F body=@"$PERMDELTA_MARKDOWN" ||
    skip "the comment is not up to date: $denied"
elif [ "$PERMDELTA_NOTEWORTHY" = true ]; then
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$PERMDELTA_PULL_REQUEST/comments" \
    -F body=@"$PERMDELTA_MARKDOWN" || skip "no comment: $denied"
else
  echo "no comment: nothing about access changes"
fi
