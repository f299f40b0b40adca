#!/bin/sh
# Puts the program where the other scripts look for it: a version of yours, checked against its digest.
#
# RECONCILER_URL and RECONCILER_SHA256 say which; where `reconciler` is installed already and neither is set, that is used.
# A saved plan is applied by the version that made it, so all jobs of a pipeline need the same one.
set -eu

if [ -z "${RECONCILER_URL:-}" ]; then
    "${RECONCILER:-reconciler}" --version
    exit 0
fi
target=${RECONCILER_BIN:-$HOME/.local/bin}
mkdir -p "$target"
draft=$(mktemp "$target/reconciler.XXXXXX")
trap 'rm -f "$draft"' EXIT
curl -q --silent --show-error --fail --location --max-time 300 --output "$draft" "$RECONCILER_URL"
echo "${RECONCILER_SHA256:?the digest of $RECONCILER_URL}  $draft" | sha256sum --check --quiet
chmod 0755 "$draft"
mv "$draft" "$target/reconciler"
[ -z "${GITHUB_PATH:-}" ] || echo "$target" >>"$GITHUB_PATH"
"$target/reconciler" --version
