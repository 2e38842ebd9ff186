#!/bin/sh
# Runs Portkey's AI gateway, for `samovar bench gateway --target`, until it is stopped.
# Usage: portkey.sh FOLDER PORT (the folder is made where it is missing; nothing else is written). Needs node 20 or newer and npm.
set -eu

version=1.15.2
listener=1.19.19
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: $0 FOLDER PORT" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts --save-exact --loglevel error \
  "@portkey-ai/gateway@$version" "@hono/node-server@$listener" >&2
NODE_ENV=production exec node --import "$here/portkey.mjs" node_modules/@portkey-ai/gateway/build/start-server.js --port="$2" --headless
