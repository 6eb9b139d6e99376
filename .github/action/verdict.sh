#!/usr/bin/env bash
# Ends the job as `permdelta check` ended, whatever could be uploaded.
set -euo pipefail

if [ "${PERMDELTA_UPLOAD:-}" = failure ]; then
  printf '::notice title=permdelta::%s\n' "the upload to code scanning failed. Pull requests from forks have a token that may only read; otherwise it needs  security-events: write  and, in a private repository, also  actions: read  and GitHub Code Security;  sarif: false  does without"
fi
# Where there is no code the check did not run.
code=${PERMDELTA_EXIT_CODE:-3}
case "$code" in
  0) ;;
  1) echo "permdelta: findings" ;;
  2) echo "permdelta: not everything could be read or proven" ;;
  *) code=3 && echo "permdelta: nothing was checked" ;;
esac
exit "$code"
