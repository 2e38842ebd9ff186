# The tests: every test project in turn, two of them beside each other, and one line at the end that counts them.

test_minutes_max=${SAMOVAR_TEST_MINUTES_MAX:-40} # one test project may run this long
# Stores wait for databases that stand still, real clients for their programs: together they need two cores, alone less than one.
tests_beside=Samovar.Storage.Tests tests_beside_whom=Samovar.Interop.Tests

setup_packages() { # one after the other: apt does one thing at a time
  setup_python
  setup_postgres
  setup_chromium
}

setup_python() { # the bare client's test speaks through Debian's python3-websockets, the templates' reference is its python3-jinja2
  /usr/bin/python3 -c 'import websockets, jinja2' 2>/dev/null && return 0
  setup_missing install_python apt.log their 'python3-websockets and python3-jinja2' 'python3-websockets or python3-jinja2'
}

setup_postgres() { # the stores' tests start a PostgreSQL of their own from Debian's programs
  command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && return 0
  setup_missing install_postgres apt-postgres.log its postgresql PostgreSQL
}

setup_chromium() { # the page's tests drive a real browser
  for chromium_name in chromium chromium-browser google-chrome; do
    command -v "$chromium_name" >/dev/null && return 0
  done
  setup_missing install_chromium apt-chromium.log "the page's" chromium Chromium
}

setup_missing() { # setup_missing INSTALL LOG WHOSE PACKAGES NAME: without them WHOSE tests are skipped
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "$5 is missing: $3 tests will be skipped"
    return 0
  fi
  say "installing $4"
  { "$1" || { apt-get update -qq && "$1"; }; } >"$root/artifacts/$2" 2>&1 || say "$4 could not be installed: $3 tests will be skipped"
}

install_chromium() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }

install_postgres() { # its programs, and no server that starts by itself
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-common &&
    sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
}

install_python() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-websockets python3-jinja2; }

attribute() { grep -o '<assembly [^>]*>' "$1" | head -n 1 | sed -n "s/.*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p"; }

run_tests() {
  tests_passed=0 tests_failed=0 tests_skipped=0 tests_process='' tests_beside_process=''
  tests_results=$root/artifacts/tests
  rm -rf "$tests_results" && mkdir -p "$tests_results"
  trap 'stop_projects; exit 130' INT
  trap 'stop_projects; exit 143' TERM
  for tests_project in "$root"/test/*/*.csproj; do
    grep -q '<IsTestProject>true' "$tests_project" || continue
    tests_name=$(basename "$tests_project" .csproj)
    case $tests_name in
      "$tests_beside") ;; # below
      "$tests_beside_whom") run_two "$@" ;;
      *) run_project "$@" ;;
    esac
  done
  trap - INT TERM
  [ "$tests_skipped" = 0 ] || printf '%s skipped (the reasons stand above)\n' "$tests_skipped"
  printf '%s passed, %s failed\n' "$tests_passed" "$tests_failed"
  [ "$tests_failed" = 0 ] && [ "$tests_passed" -gt 0 ]
}

run_project() {
  say "testing $tests_name"
  start_project "$@"
  end_project "$tests_process"
  tests_process=''
}

run_two() { # what the one beside says is shown when both have ended
  say "testing $tests_name, and $tests_beside beside it"
  tests_name=$tests_beside
  start_project "$@" >"$tests_results/$tests_beside.log" 2>&1
  tests_beside_process=$tests_process
  tests_name=$tests_beside_whom
  start_project "$@"
  end_project "$tests_process"
  tests_process='' tests_name=$tests_beside
  end_project "$tests_beside_process"
  tests_beside_process=''
  cat "$tests_results/$tests_beside.log"
}

# start_project ARGUMENT...: of tests_name; sets tests_process. It is ended when it has run too long, where the system can.
start_project() {
  tests_limit=
  if command -v timeout >/dev/null; then tests_limit="timeout -k 30 ${test_minutes_max}m"; fi
  $tests_limit dotnet "$root/test/$tests_name/bin/Release/net10.0/$tests_name.dll" -xml "$tests_results/$tests_name.xml" -noColor "$@" &
  tests_process=$!
}

stop_projects() { # what runs in the background hears no Ctrl+C
  for tests_running in $tests_process $tests_beside_process; do kill "$tests_running" 2>/dev/null || :; done
}

end_project() { # end_project PROCESS: waits for it, and counts what it left
  tests_exit=0 tests_result=$tests_results/$tests_name.xml
  wait "$1" || tests_exit=$?
  if [ ! -s "$tests_result" ] || [ -z "$(attribute "$tests_result" total)" ]; then
    say "$tests_name left no result (exit $tests_exit)"
    tests_failed=$((tests_failed + 1))
    return 0
  fi
  tests_count=$(($(attribute "$tests_result" failed) + $(attribute "$tests_result" errors)))
  tests_passed=$((tests_passed + $(attribute "$tests_result" passed)))
  tests_failed=$((tests_failed + tests_count))
  tests_skipped=$((tests_skipped + $(attribute "$tests_result" skipped)))
  if [ "$tests_exit" != 0 ] && [ "$tests_count" = 0 ]; then
    say "$tests_name ended with exit status $tests_exit"
    tests_failed=$((tests_failed + 1))
  fi
}
