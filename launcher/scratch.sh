# Where npm and .NET keep their caches while something is set up.

usable() { [ -d "$1" ] && [ -w "$1" ] && [ -x "$1" ]; }

# Service accounts have no home folder, containers no place for temporary files: this folder has room for both.
with_scratch() {
  if ! usable "${HOME:-}"; then export HOME="$root/artifacts/home"; fi
  if ! usable "${TMPDIR:-/tmp}"; then export TMPDIR="$root/artifacts/tmp"; fi
  mkdir -p "$HOME" "${TMPDIR:-/tmp}"
}
