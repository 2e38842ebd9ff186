# The proof of the packages: in a folder of its own, with an environment that knows no repository, no npm and, for the archive, no .NET, the
# program starts, does a task, connects an agent, keeps what it keeps where the platform does, and ends when it is asked to.

proof_seconds_max=60 # a server may take this long until it is ready, or until it has ended

proof() {
  proof_root=$(mktemp -d "${TMPDIR:-/tmp}/samovar-proof.XXXXXX") || fail "no temporary folder could be made."
  proof_server=
  trap proof_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  proof_archive
  proof_tool
  say "the packages do what they should"
}

proof_end() {
  [ -z "$proof_server" ] || kill -9 "$proof_server" 2>/dev/null || :
  rm -rf "$proof_root"
}

proof_archive() {
  proof_begin archive
  mkdir "$proof_here/program"
  tar -xzf "$packages/samovar-$(version)-$package_platforms.tar.gz" -C "$proof_here/program"
  proof_notices "$proof_here/program/samovar-$(version)-$package_platforms"
  proof_program "$proof_here/program/samovar-$(version)-$package_platforms/samovar" "$proof_here/program"
}

proof_notices() { # proof_notices FOLDER: the licences of all that is in it, .NET's own notices among them
  for proof_notice in LICENSE THIRD-PARTY-NOTICES.txt LICENSE.Apache-2.0.txt native/LICENSE.llama.cpp \
    "native/$(engine_of "$package_platforms")/LICENSE" dotnet/Microsoft.NETCore.App.THIRD-PARTY-NOTICES.txt \
    dotnet/Microsoft.AspNetCore.App.THIRD-PARTY-NOTICES.txt; do
    [ -s "$1/$proof_notice" ] || fail "the $proof_name does not have $proof_notice."
  done
}

proof_tool() { # from a feed that has these packages alone
  proof_begin tool
  ln -s "$(command -v dotnet)" "$(command -v chmod)" "$proof_here/bin" # dotnet starts chmod
  proof_dotnet=$(dotnet --list-runtimes | sed -n 's|^Microsoft.NETCore.App 10[^[]*\[\(.*\)/shared/.*|\1|p' | tail -n 1)
  cat >"$proof_here/feed.config" <<EOF
<configuration><packageSources><clear /><add key="packages" value="$packages" /></packageSources></configuration>
EOF
  (proof_run dotnet tool install -g samovar --configfile "$proof_here/feed.config") >"$proof_here/install" 2>&1 || proof_fail install
  (proof_run dotnet dnx --yes --configfile "$proof_here/feed.config" samovar -- --version) >"$proof_here/dnx" 2>&1 || proof_fail dnx
  grep -qxF "$(version)" "$proof_here/dnx" || proof_fail dnx
  proof_program "$proof_here/home/.dotnet/tools/samovar" "$proof_here/home/.dotnet/tools"
}

proof_begin() { # proof_begin NAME: an empty home and a working folder; a shell is all that the PATH has
  proof_name=$1 proof_here=$proof_root/$1 proof_dotnet=
  mkdir -p "$proof_here/home" "$proof_here/bin" "$proof_here/work/conf" "$proof_here/tmp"
  ln -s /bin/sh "$proof_here/bin/sh"
  printf 'port = 8080\n' >"$proof_here/work/conf/server.cfg"
}

proof_run() { # in place of this shell
  cd "$proof_here/work"
  exec env -i HOME="$proof_here/home" PATH="$proof_here/bin" TMPDIR="$proof_here/tmp" ${proof_dotnet:+"DOTNET_ROOT=$proof_dotnet"} \
    DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 "$@"
}

proof_fail() { # proof_fail STEP: what the step said is in a file of its name
  cat "$proof_here/$1" >&2 || :
  fail "the $proof_name does not work: $1 (see above)."
}

proof_kept_in() { # proof_kept_in data|settings|logs
  case $(uname -s) in
    Darwin) proof_kept="Library/Application Support" proof_logs=Library/Logs proof_settings=$proof_kept ;;
    *) proof_kept=.local/share proof_logs=.local/state proof_settings=.config ;;
  esac
  case $1 in data) ;; settings) proof_kept=$proof_settings ;; logs) proof_kept=$proof_logs ;; esac
  printf '%s' "$proof_here/home/$proof_kept/samovar"
}

proof_program() { # proof_program PROGRAM FOLDER: FOLDER is to stay as it is
  proof_said=$(proof_run "$1" --version) && [ "$proof_said" = "$(version)" ] || fail "the $proof_name says '$proof_said' for --version."
  mkdir -p "$(proof_kept_in settings)"
  printf '{ "Monitoring": { "RequestLogPath": "requests.jsonl" } }\n' >"$(proof_kept_in settings)/samovar.json"
  : >"$proof_here/before"
  proof_start "$1"
  (proof_run "$1" agent "Set the port in conf/server.cfg to 9000." --yes --base-url "$proof_url/v1") >"$proof_here/agent" 2>&1 || proof_fail agent
  grep -q 'port = 9000' "$proof_here/work/conf/server.cfg" || proof_fail agent
  (proof_run "$1" connect codex --yes --server "$proof_url") >"$proof_here/connect" 2>&1 || proof_fail connect
  grep -q 'It works' "$proof_here/connect" && [ -s "$proof_here/home/.codex/config.toml" ] || proof_fail connect
  [ -s "$(proof_kept_in data)/store.db" ] || fail "the $proof_name keeps its data somewhere else."
  [ -s "$(proof_kept_in logs)/requests.jsonl" ] || fail "the $proof_name keeps its logs somewhere else."
  proof_written=$(find "$2" -newer "$proof_here/before" -type f)
  [ -z "$proof_written" ] || fail "the $proof_name wrote beside itself: $proof_written"
  if grep -F "$root/" "/proc/$proof_server/maps" 2>/dev/null >&2; then fail "the $proof_name uses files of the repository."; fi
  proof_stop
  say "the $proof_name works: $(mebibytes $(($(du -sk "$2" | cut -f1) * 1024))) installed, ready after $proof_ready ms"
}

proof_start() { # sets proof_url and proof_ready
  proof_began=$(proof_now)
  proof_run "$1" up --port 0 >"$proof_here/up" 2>"$proof_here/log" &
  proof_server=$!
  until proof_url=$(sed -n 's/^Samovar is ready on //p' "$proof_here/up") && [ -n "$proof_url" ]; do
    kill -0 "$proof_server" 2>/dev/null && [ $(($(proof_now) - proof_began)) -lt $((proof_seconds_max * 1000)) ] || proof_fail log
    sleep 0.05
  done
  proof_ready=$(($(proof_now) - proof_began))
}

proof_stop() {
  kill -TERM "$proof_server"
  proof_status=0
  wait "$proof_server" || proof_status=$?
  proof_server=
  [ "$proof_status" = 0 ] || proof_fail log
}

proof_now() { # milliseconds; whole seconds where 'date' knows no more
  proof_clock=$(date +%s%N)
  case $proof_clock in
    *N) echo "${proof_clock%N}000" ;;
    *) echo "$((proof_clock / 1000000))" ;;
  esac
}
