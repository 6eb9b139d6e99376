#!/usr/bin/env bash
# Installs permdelta below RUNNER_TEMP: a release whose checksum is right, or this action's own source, compiled.
set -euo pipefail

fail() {
  printf '::error title=permdelta::%s\n' "$1"
  exit 3
}

version=${PERMDELTA_VERSION:-}
root=$RUNNER_TEMP/permdelta
if [ -f "$root/installed" ] && [ "$(cat "$root/installed")" = "$version" ]; then
  exit 0
fi
mkdir -p "$root/bin"

compile() {
  command -v cargo >/dev/null ||
    fail "there is no cargo to compile permdelta with: name a release with the input version"
  # Not in the checkout: its .cargo/config.toml and rust-toolchain.toml belong to the change that is judged.
  cd "$GITHUB_ACTION_PATH"
  CARGO_TARGET_DIR=$RUNNER_TEMP/permdelta-target cargo install --locked --force --path . --root "$root"
}

target() {
  case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) return 1 ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  else
    shasum -a 256 <"$1"
  fi | cut -d ' ' -f 1
}

download() {
  local name program archive address expected
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "the input version is not of the form 1.2.3"
  [[ ${PERMDELTA_ACTION_REPOSITORY:-} =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] ||
    fail "releases belong to a repository, and this action is used from a folder: leave the input version out"
  name=permdelta-$version-$(target) || fail "there is no release for $RUNNER_OS on $RUNNER_ARCH: leave the input version out"
  archive=$name.tar.gz program=permdelta
  if [ "$RUNNER_OS" = Windows ]; then
    archive=$name.zip program=permdelta.exe
  fi
  address=$GITHUB_SERVER_URL/$PERMDELTA_ACTION_REPOSITORY/releases/download/v$version
  folder=$(mktemp -d "$RUNNER_TEMP/permdelta.XXXXXX")
  cd "$folder"
  for file in SHA256SUMS "$archive"; do
    curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 \
      --output "$file" "$address/$file" || fail "cannot download $file of release $version"
  done
  expected=$(awk -v name="$archive" '$2 == name { print $1 }' SHA256SUMS)
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "release $version has no checksum of $archive"
  [ "$(sha256 "$archive")" = "$expected" ] || fail "$archive is not what release $version says: its SHA-256 differs"
  if [ "$RUNNER_OS" = Windows ]; then
    unzip -q "$archive" "$name/$program"
  else
    tar -xzf "$archive" "$name/$program"
  fi
  mv "$name/$program" "$root/bin/$program"
}

if [ -n "$version" ]; then
  download
else
  compile
fi
"$root/bin/permdelta" --version
printf '%s' "$version" >"$root/installed"
printf '%s\n' "$root/bin" >>"$GITHUB_PATH"
