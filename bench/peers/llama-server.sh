#!/bin/sh
# Builds the llama-server whose libraries are those of the embedded engine, for `samovar bench engine --peer`: its sources and its
# libraries come from two npm packages of one version, and only the server itself is compiled.
# Usage: llama-server.sh FOLDER (made where it is missing; nothing else is written). Needs cmake, g++, git, make and npm.
set -eu

version=3.22.1
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "$0 is for Linux on x64" >&2; exit 1; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)

package() { # package NAME FILE-OF-IT: into a folder of its own
  [ -f "$folder/$2" ] && return
  archive=$(cd "$folder" && npm pack --silent "$1@$version" | tail -n 1)
  mkdir -p "$folder/${2%%/*}"
  tar -xzf "$folder/$archive" -C "$folder/${2%%/*}"
  rm "$folder/$archive"
}

package node-llama-cpp sources/package/llama/gitRelease.bundle
package @node-llama-cpp/linux-x64 libraries/package/bins/linux-x64/libllama-common.so
libraries=$folder/libraries/package/bins/linux-x64
[ -d "$folder/llama.cpp" ] || git clone --quiet -c advice.detachedHead=false "$folder/sources/package/llama/gitRelease.bundle" \
  "$folder/llama.cpp"

mkdir -p "$folder/build"
cp "$here/llama-server.cmake" "$folder/build/CMakeLists.txt"
cmake -S "$folder/build" -B "$folder/build" -DSOURCE="$folder/llama.cpp" -DLIBS="$libraries" > "$folder/build/configure.log" 2>&1 \
  || { tail -n 20 "$folder/build/configure.log" >&2; exit 1; }
nice -n 15 make -C "$folder/build" -j "${JOBS:-1}" > "$folder/build/make.log" 2>&1 || { tail -n 20 "$folder/build/make.log" >&2; exit 1; }
cp "$folder/build/llama-server" "$libraries/" # it looks for the engine's variants beside itself
"$libraries/llama-server" --version >&2 2> /dev/null || true
echo "$libraries/llama-server"
