# What was done, and for which sources: a stamp is a file with a hash.

stamps=$root/artifacts/stamps

# Whatever hashes there are: GNU's, Perl's on a Mac, OpenSSL's, and the one that every system has.
hash_program() {
  if command -v sha256sum >/dev/null; then echo sha256sum
  elif command -v shasum >/dev/null; then echo shasum -a 256
  elif command -v openssl >/dev/null; then echo openssl dgst -sha256 -r
  else echo cksum; fi
}
hash_with=$(hash_program)

hash_of() { $hash_with | cut -d' ' -f1; }

# sources_of FOLDER...: a hash over everything that a build of these folders reads
sources_of() {
  (
    cd "$root"
    find "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig \
      \( -name bin -o -name obj -o -name node_modules \) -prune -o -type f -exec $hash_with {} + | LC_ALL=C sort
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
  "$@" || fail "setting up '$once_name' did not succeed (see above)"
  printf '%s\n' "$once_hash" >"$stamps/$once_name"
}
