#!/usr/bin/env bash
# Keeps the review of a pull request up to date. A comment that is true and on its line stays as it is; new ones are
# posted as one review; one that is no longer true is taken away, unless somebody has answered it.
set -euo pipefail
# shellcheck source=.github/action/pull-request.sh
source "$(dirname "$0")/pull-request.sh"
command -v jq >/dev/null || skip "no review: there is no jq on this runner"

# On Windows jq ends lines with CRLF.
picked() {
  jq -r "$@" | tr -d '\r'
}

marked "$(picked .body "$PERMDELTA_PAYLOAD")"
work=$(mktemp -d "$RUNNER_TEMP/permdelta-review.XXXXXX")
pages reviews 'databaseId viewerDidAuthor body' \
  "select(.viewerDidAuthor and (.body | $has_marker)) | {id: .databaseId, body}" >"$work/reviews" ||
  skip "no review: reviews cannot be read, $denied"
pages reviewThreads 'isOutdated path line diffSide
    comments(first: 1) { totalCount nodes { databaseId viewerDidAuthor body pullRequestReview { body } } }' \
  ". as \$thread | .comments.nodes[0]
    | select(.viewerDidAuthor and (.pullRequestReview.body | $has_marker))
    | {id: .databaseId, body, path: \$thread.path, line: \$thread.line, side: \$thread.diffSide,
       outdated: \$thread.isOutdated, answers: (\$thread.comments.totalCount - 1)}" >"$work/threads" ||
  skip "no review: comments cannot be read, $denied"

# shellcheck disable=SC2016 # the dollars are jq's
jq -n --slurpfile payload "$PERMDELTA_PAYLOAD" --slurpfile reviews "$work/reviews" --slurpfile threads "$work/threads" '
  def clean: gsub("\r"; "");
  def place: {path, line, side, body: (.body | clean)};
  def among($places): place as $one | any($places[]; . == $one);
  ($threads | map(select(.outdated | not) | place)) as $there
  | ($payload[0].comments | map(place)) as $true
  | "\($ENV.PERMDELTA_MARKER)\nReplaced by a later review." as $replaced
  | {
      post: ($payload[0] | .comments |= map(select(among($there) | not))),
      remove: [$threads[] | select(.answers == 0 and (.outdated or (among($true) | not))) | .id],
      replace: [$reviews[] | select((.body | clean) != $replaced) | .id],
      replaced: {body: $replaced},
      last: ($reviews | last),
      edit: {body: $payload[0].body}
    }' >"$work/plan"
for part in post replaced edit; do
  jq ".$part" "$work/plan" >"$work/$part.json"
done

pull=repos/$GITHUB_REPOSITORY/pulls
reviews=$pull/$PERMDELTA_PULL_REQUEST/reviews
if jq -e '.post.comments != []' "$work/plan" >/dev/null; then
  gh api --silent --method POST "$reviews" --input "$work/post.json" || skip "no review: $denied"
  for id in $(picked '.replace[]' "$work/plan"); do
    gh api --silent --method PUT "$reviews/$id" --input "$work/replaced.json" ||
      skip "an earlier review is not up to date: $denied"
  done
elif jq -e '.last != null' "$work/plan" >/dev/null; then
  gh api --silent --method PUT "$reviews/$(picked .last.id "$work/plan")" --input "$work/edit.json" ||
    skip "the review is not up to date: $denied"
else
  echo "no review: no line of the diff has a finding"
fi
for id in $(picked '.remove[]' "$work/plan"); do
  gh api --silent --method DELETE "$pull/comments/$id" || skip "comments of the review are not up to date: $denied"
done
