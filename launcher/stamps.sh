# What was done, and for which sources: a stamp is a file with a hash.

stamps=$root/artifacts/stamps

# POSIX promises this one everywhere, so that a stamp does not depend on what else the PATH has.
hash_of() { cksum | cut -d' ' -f1; }

# sources_of FOLDER...: a hash over everything that a build of these folders reads
sources_of() {
  (
    cd "$root"
    find "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig \
      \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -exec cksum {} + | LC_ALL=C sort
  ) | hash_of
}

stamped() { # stamped NAME HASH: whether it was done for this
  [ -f "$stamps/$1" ] && read -r stamp <"$stamps/$1" && [ "$stamp" = "$2" ]
}

once() { # once NAME HASH COMMAND...: runs the command unless it already succeeded for this hash
  once_name=$1 once_hash=$2
  shift 2
  stamped "$once_name" "$once_hash" && return 0
  mkdir -p "$stamps"
  rm -f "$stamps/$once_name"
  "$@" || return 1
  printf '%s\n' "$once_hash" >"$stamps/$once_name"
}
