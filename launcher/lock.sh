# Two launchers at once: the second waits, says for whom, and finds the work done.
# The lock is a link that names its owner: it is made in one step, on every system, and says who is waited for.

lock=$root/artifacts/setup.lock
lock_mine=pid.$$
lock_tries_max=20 # a lock that can neither be made nor read

lock_take() { # lock_take WHAT: what is about to be done, for those who will wait
  need_writable
  lock_said='' lock_tries=0
  until ln -s "$lock_mine" "$lock" 2>/dev/null; do
    if ! lock_owner=$(readlink "$lock" 2>/dev/null); then
      lock_tries=$((lock_tries + 1))
      [ "$lock_tries" -lt "$lock_tries_max" ] || fail "$lock cannot be created: is the disk full?"
      continue
    fi
    if lock_is_dead "${lock_owner#pid.}"; then
      lock_break "$lock_owner"
      continue
    fi
    if [ "$lock_said" != "$lock_owner" ]; then
      lock_what=$(cat "$lock.what" 2>/dev/null) || lock_what=
      say "waiting for another ./samovar (process ${lock_owner#pid.}), which is ${lock_what:-setting up} in this folder" \
        "(if that process is no ./samovar, remove $lock)"
      lock_said=$lock_owner
    fi
    sleep 1
  done
  trap lock_release EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '%s\n' "$1" 2>/dev/null >"$lock.what" || fail "$lock.what cannot be written: is the disk full?"
}

lock_release() {
  if [ "$(readlink "$lock" 2>/dev/null)" = "$lock_mine" ]; then rm -f "$lock.what" "$lock"; fi
  trap - EXIT INT TERM
}

need_writable() {
  mkdir -p "$root/artifacts" 2>/dev/null && [ -w "$root/artifacts" ] && return 0
  fail "there is something to set up, but $root/artifacts cannot be written:" \
    "run './samovar setup' as the owner of this folder, or use a copy of your own."
}

lock_is_dead() { ! kill -0 "$1" 2>/dev/null && [ ! -d "/proc/$1" ]; }

lock_break() { # moved away first: whoever moves it is the one who breaks it
  mv "$lock" "$lock.$$" 2>/dev/null || return 0
  if [ "$(readlink "$lock.$$" 2>/dev/null)" = "$1" ]; then rm -f "$lock.$$"
  else mv "$lock.$$" "$lock"; fi # somebody took it in between
}
