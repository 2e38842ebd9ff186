# The tests: every test project in turn, and one line at the end that counts them.

test_minutes_max=${SAMOVAR_TEST_MINUTES_MAX:-40} # one test project may run this long

setup_python() { # the bare client's test speaks through Debian's python3-websockets, the templates' reference is its python3-jinja2
  /usr/bin/python3 -c 'import websockets, jinja2' 2>/dev/null && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "python3-websockets or python3-jinja2 is missing: their tests will be skipped"
    return 0
  fi
  say "installing python3-websockets and python3-jinja2"
  { install_python || { apt-get update -qq && install_python; }; } >"$root/artifacts/apt.log" 2>&1 ||
    say "python3-websockets and python3-jinja2 could not be installed: their tests will be skipped"
}

setup_postgres() { # the stores' tests start a PostgreSQL of their own from Debian's programs
  command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "PostgreSQL is missing: its tests will be skipped"
    return 0
  fi
  say "installing postgresql"
  { install_postgres || { apt-get update -qq && install_postgres; }; } >"$root/artifacts/apt-postgres.log" 2>&1 ||
    say "postgresql could not be installed: its tests will be skipped"
}

setup_chromium() { # the page's tests drive a real browser
  for chromium_name in chromium chromium-browser google-chrome; do
    command -v "$chromium_name" >/dev/null && return 0
  done
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "Chromium is missing: the page's tests will be skipped"
    return 0
  fi
  say "installing chromium"
  { install_chromium || { apt-get update -qq && install_chromium; }; } >"$root/artifacts/apt-chromium.log" 2>&1 ||
    say "chromium could not be installed: the page's tests will be skipped"
}

install_chromium() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }

install_postgres() { # its programs, and no server that starts by itself
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-common &&
    sed -i 's/^#* *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
}

install_python() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-websockets python3-jinja2; }

attribute() { grep -o '<assembly [^>]*>' "$1" | head -n 1 | sed -n "s/.*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p"; }

# limited COMMAND...: ends it when it has run too long, where the system can
limited() {
  if command -v timeout >/dev/null; then timeout -k 30 "${test_minutes_max}m" "$@"; else "$@"; fi
}

run_tests() {
  tests_passed=0 tests_failed=0 tests_skipped=0
  tests_results=$root/artifacts/tests
  rm -rf "$tests_results" && mkdir -p "$tests_results"
  for tests_project in "$root"/test/*/*.csproj; do
    grep -q '<IsTestProject>true' "$tests_project" || continue
    run_project "$tests_project" "$@"
  done
  [ "$tests_skipped" = 0 ] || printf '%s skipped (the reasons stand above)\n' "$tests_skipped"
  printf '%s passed, %s failed\n' "$tests_passed" "$tests_failed"
  [ "$tests_failed" = 0 ] && [ "$tests_passed" -gt 0 ]
}

run_project() {
  tests_name=$(basename "$1" .csproj)
  tests_result=$tests_results/$tests_name.xml
  tests_program=$(dirname "$1")/bin/Release/net10.0/$tests_name.dll
  shift
  say "testing $tests_name"
  tests_exit=0
  limited dotnet "$tests_program" -xml "$tests_result" -noColor "$@" || tests_exit=$?
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
