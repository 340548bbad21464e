#!/bin/sh
# Makes a fresh clone ready and runs one of its TypeScript files: `ready.sh FILE [ARG…]`.
# Installs what package-lock.json locks if that is not what is installed, and uses a Node that is new enough:
# the one on the PATH, else the one that the lock file brings along.
set -eu
cd "$(dirname "$0")/.."

if ! cmp -s package-lock.json node_modules/.zferry-installed 2>/dev/null; then
  echo "zferry: installing what package-lock.json locks (about a minute the first time)" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.zferry-installed
fi

. scripts/find-node.sh
exec "$NODE" "$@"
