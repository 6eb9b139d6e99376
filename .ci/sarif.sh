#!/usr/bin/env bash
# SARIF as the platforms want it: what the built program writes of the demo, and of every corpus where
# PERMDELTA_CORPORA names their folder, has no error by Microsoft's multitool, in both profiles.
# Takes the program, else the one built for release; ends well where there is no npm.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$here/target/release/permdelta}
[ -x "$program" ] || { echo "sarif: there is no program $program: cargo build --release"; exit 1; }
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
command -v npm >/dev/null || { echo "sarif: skipped, there is no npm"; exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir logs empty tool
npm install --prefix tool --no-audit --no-fund --loglevel=error @microsoft/sarif-multitool@5.7.0 >/dev/null

# The exit code says nothing: 1 and 2 are findings and problems.
write() {
  local log=$1 code=0
  shift
  "$program" "$@" -q --report "sarif=logs/$log.sarif" >/dev/null || code=$?
  [ "$code" -le 2 ] || { echo "sarif: permdelta $*: exit $code"; exit 1; }
}

for profile in upload full; do
  write "demo-$profile" demo --sarif-profile "$profile"
  write "clean-$profile" check --from empty --to empty --sarif-profile "$profile"
done
if [ -n "${PERMDELTA_CORPORA:-}" ]; then
  for corpus in "$PERMDELTA_CORPORA"/*; do
    name=$(basename "$corpus")
    case $corpus in
      *.bundle)
        git clone --quiet --branch main "$corpus" "$name"
        corpus=./$name
        ;;
      *) [ -d "$corpus" ] || continue ;;
    esac
    for profile in upload full; do
      write "audit-$name-$profile" audit "$corpus" --sarif-profile "$profile"
      write "check-$name-$profile" check --from empty --to "$corpus" --sarif-profile "$profile"
    done
  done
fi

# Its exit code is 0 whatever it finds. bin.js hands the arguments to a shell, so the kinds are quoted twice.
validate() {
  local kinds=$1 count
  shift
  count=$#
  tool/node_modules/.bin/sarif-multitool validate "$@" --rule-kind "'$kinds'" >said.txt 2>&1 || true
  grep -q "^Done. $count files scanned" said.txt || { cat said.txt; echo "sarif: the multitool did not read all files"; exit 1; }
  ! grep -q ' error ' said.txt
}

sed 's/"startColumn": 9/"startColumn": 0/' logs/demo-upload.sarif >broken.sarif
! validate 'Sarif;Ghas' broken.sarif || { echo "sarif: the multitool takes what is wrong for right"; exit 1; }
validate 'Sarif;Ghas' logs/*.sarif || { grep ' error ' said.txt; exit 1; }

# What Azure DevOps asks for besides; automationDetails are those of its pipeline, and its task's to write.
validate 'Sarif;Ado' logs/demo-*.sarif || ! grep ' error ' said.txt | grep -v automationDetails || exit 1
echo "sarif: $(find logs -name '*.sarif' | wc -l) documents without an error"
