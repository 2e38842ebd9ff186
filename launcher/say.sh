# What the launcher says goes to stderr: stdout is the program's.

say() { printf 'samovar: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

refuse() { # for a wrong command line
  say "$*"
  exit 2
}
