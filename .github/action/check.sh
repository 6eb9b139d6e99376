#!/usr/bin/env bash
# Runs `permdelta check` and leaves its reports for the steps that follow. How the check ended is theirs to say:
# this script fails only for inputs it does not understand.
set -euo pipefail

fail() {
  printf '::error title=permdelta::%s\n' "$1"
  exit 3
}

permdelta=$RUNNER_TEMP/permdelta/bin/permdelta
directory=${PERMDELTA_DIRECTORY:-.}
arguments=(--fail-on "$PERMDELTA_FAIL_ON")

[[ $PERMDELTA_FAIL_ON =~ ^(critical|high|medium|low|note|none)$ ]] ||
  fail "the input fail-on is critical, high, medium, low, note or none"
for value in "$PERMDELTA_COMMENT" "$PERMDELTA_SARIF" "$PERMDELTA_REVIEW"; do
  [[ $value =~ ^(true|false)$ ]] || fail "the inputs comment, sarif and review are true or false"
done
[[ $PERMDELTA_ANNOTATIONS =~ ^(auto|true|false)$ ]] || fail "the input annotations is auto, true or false"
[[ ${PERMDELTA_ID:-} =~ ^[A-Za-z0-9._-]{0,40}$ ]] || fail "the input id has letters, digits, dots, - and _ only, 40 at most"
if [[ ${PERMDELTA_RANGE:-} == -* || ${PERMDELTA_RANGE:-}$directory == *[[:cntrl:]]* ]]; then
  fail "the inputs range and working-directory are one line, and a range does not begin with -"
fi
[ -d "$GITHUB_WORKSPACE/$directory" ] || fail "the input working-directory is no folder of the workspace"
read -r -d '' -a more <<<"${PERMDELTA_ARGS:-}" || :
for word in ${more[@]+"${more[@]}"}; do
  [[ $word =~ ^--[a-z][a-z-]*(=.+)?$ ]] || fail "the input args has options only, as --no-new-access or --policy-from=head"
  arguments+=("$word")
done

reports=$(mktemp -d "$RUNNER_TEMP/permdelta-reports.XXXXXX")
formats=(json markdown sarif github)
[ "$PERMDELTA_REVIEW" = false ] || formats+=(github-review)
for format in "${formats[@]}"; do
  arguments+=(--report "$format=$reports/permdelta.$format")
done
category=permdelta
if [ -n "${PERMDELTA_ID:-}" ]; then
  arguments+=(--comment-id "$PERMDELTA_ID")
  category=permdelta-$PERMDELTA_ID
fi
if [ -n "${PERMDELTA_RANGE:-}" ]; then
  arguments+=(-- "$PERMDELTA_RANGE")
fi

cd "$GITHUB_WORKSPACE/$directory"
code=0
"$permdelta" check "${arguments[@]}" || code=$?

output() {
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

output exit-code "$code"
if [ ! -f "$reports/permdelta.markdown" ]; then
  echo "permdelta could not compare the two states: see the log of this step." >>"$GITHUB_STEP_SUMMARY"
  exit 0
fi
cat "$reports/permdelta.markdown" >>"$GITHUB_STEP_SUMMARY"
output markdown "$reports/permdelta.markdown"
output json "$reports/permdelta.json"

[ "$PERMDELTA_ANNOTATIONS" = false ] || output annotations "$reports/permdelta.github"
[ "$PERMDELTA_REVIEW" = false ] || output review "$reports/permdelta.github-review"

# Without jq there is always something to say.
quiet='.verdict == "pass" and ([.holders, .findings, .problems] | map(length) | add) == 0'
noteworthy=true
if command -v jq >/dev/null && jq -e "$quiet" "$reports/permdelta.json" >/dev/null; then
  noteworthy=false
fi
output noteworthy "$noteworthy"

if [ "$PERMDELTA_SARIF" = true ]; then
  case "$GITHUB_EVENT_NAME" in
    pull_request | pull_request_target | merge_group) ;;
    *)
      # An alert that is missing from a branch's upload is closed, so a branch gets all there is.
      audit=0
      "$permdelta" audit --quiet --format sarif HEAD >"$reports/permdelta.sarif" || audit=$?
      [ "$audit" -ne 3 ] || rm -f "$reports/permdelta.sarif"
      ;;
  esac
  if [ -f "$reports/permdelta.sarif" ]; then
    output sarif "$reports/permdelta.sarif"
    output category "$category"
    output root "$(git rev-parse --show-toplevel || pwd)"
  fi
fi
