#!/usr/bin/env bash
# Makes a release's archives:  .ci/package.sh TAG BINARIES ARCHIVES
# BINARIES holds TARGET/permdelta or TARGET/permdelta.exe; ARCHIVES gets permdelta-VERSION-TARGET.tar.gz (.zip for
# Windows), each with completions, manual pages and licences, and SHA256SUMS. Same input, same bytes.
set -euo pipefail
tag=$1 binaries=$(cd "$2" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$3"
archives=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

native=$binaries/$(uname -m)-unknown-linux-musl/permdelta
chmod +x "$binaries"/*/permdelta
version=$("$native" --version)
version=${version#permdelta }
[ "$tag" = "v$version" ] || { echo "the tag is $tag and the program $version: set the version in Cargo.toml"; exit 1; }

common=$work/common
mkdir -p "$common/completions" "$common/man"
cp "$root/README.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$common"
"$native" completions bash >"$common/completions/permdelta.bash"
"$native" completions elvish >"$common/completions/permdelta.elv"
"$native" completions fish >"$common/completions/permdelta.fish"
"$native" completions powershell >"$common/completions/_permdelta.ps1"
"$native" completions zsh >"$common/completions/_permdelta"
"$native" man "$common/man"

cd "$work"
for binary in "$binaries"/*/permdelta*; do
  target=$(basename "$(dirname "$binary")")
  name=permdelta-$version-$target
  cp -r "$common" "$name"
  cp "$binary" "$name/"
  # The day ZIP counts from.
  TZ=UTC find "$name" -exec touch -h -d 1980-01-01T00:00:00Z {} +
  case "$binary" in
    *.exe) find "$name" | LC_ALL=C sort | TZ=UTC zip -q -X -@ "$archives/$name.zip" ;;
    *) tar --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" |
      gzip -9n >"$archives/$name.tar.gz" ;;
  esac
done
cd "$archives"
sha256sum -- permdelta-* >SHA256SUMS
cat SHA256SUMS
