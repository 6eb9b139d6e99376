#!/usr/bin/env bash
# Keeps one comment on the pull request up to date: the one by this token's own account that begins with the
# report's marker.
set -euo pipefail
# shellcheck source=.github/action/pull-request.sh
source "$(dirname "$0")/pull-request.sh"

marked "$(head -n 1 "$PERMDELTA_MARKDOWN")"
found=$(pages comments 'databaseId viewerDidAuthor body' \
  "select(.viewerDidAuthor and (.body | $has_marker)) | .databaseId") ||
  skip "no comment: comments cannot be read, $denied"
id=${found%%$'\n'*}

comments=repos/$GITHUB_REPOSITORY/issues
if [[ $id =~ ^[0-9]+$ ]]; then
  gh api --silent --method PATCH "$comments/comments/$id" -F body=@"$PERMDELTA_MARKDOWN" ||
    skip "the comment is not up to date: $denied"
elif [ "$PERMDELTA_NOTEWORTHY" = true ]; then
  gh api --silent --method POST "$comments/$PERMDELTA_PULL_REQUEST/comments" -F body=@"$PERMDELTA_MARKDOWN" ||
    skip "no comment: $denied"
else
  echo "no comment: nothing about access changes"
fi
