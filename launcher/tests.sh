# The tests: every test project, two at once, and one line at the end that counts them.

test_minutes_max=${SAMOVAR_TEST_MINUTES_MAX:-40} # one test project may run this long
one_test_minutes_max=15                          # and one test: it fails then, under its name, and the others go on
# Those that take longest begin first. Most compute on one core: two at once keep two busy. Stores wait for databases that stand still,
# and run beside these.
tests_first='Samovar.Engine.Tests Samovar.Tests Samovar.Interop.Tests Samovar.Bench.Tests Samovar.Devices.Tests'
tests_light=Samovar.Storage.Tests

setup_packages() { # one after the other: apt does one thing at a time
  setup_python
  setup_postgres
  setup_chromium
  setup_vulkan
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

setup_vulkan() { # the devices' tests compute on a Vulkan device, which Mesa plays in software where there is no GPU
  [ "$(platform)" = linux-x64 ] || return 0
  vulkan_drivers=
  for vulkan_driver in /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json; do [ ! -e "$vulkan_driver" ] || vulkan_drivers=1; done
  if [ -z "$vulkan_drivers" ] || ! has_library libvulkan.so.1; then
    setup_missing install_vulkan apt-vulkan.log "the devices'" mesa-vulkan-drivers 'a Vulkan device'
  fi
  once device-linux-x64-vulkan "$(hash_of <"$root/native/linux-x64-vulkan/package-lock.json")" fetch_vulkan ||
    say "npm's linux-x64-vulkan could not be fetched: the devices' tests will be skipped"
}

fetch_vulkan() ( # beside native/, where every server that a test starts would find it
  with_scratch
  vulkan_folder=$root/artifacts/devices/linux-x64-vulkan
  mkdir -p "$vulkan_folder" && cp "$root/native/linux-x64-vulkan/"package*.json "$vulkan_folder" && cd "$vulkan_folder" &&
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
)

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

install_vulkan() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1; }

install_python() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-websockets python3-jinja2; }

attribute() { grep -o '<assembly [^>]*>' "$1" | head -n 1 | sed -n "s/.*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p"; }

run_tests() {
  tests_passed=0 tests_failed=0 tests_skipped=0 tests_running=''
  tests_results=$root/artifacts/tests
  rm -rf "$tests_results" && mkdir -p "$tests_results"
  trap 'stop_projects; exit 130' INT
  trap 'stop_projects; exit 143' TERM
  if is_project "$tests_light"; then start_project "$tests_light" "$@"; fi
  for tests_next in $(projects); do
    while [ "$(running)" -ge "$(at_once)" ]; do end_one; done
    start_project "$tests_next" "$@"
  done
  while [ -n "$tests_running" ]; do end_one; done
  trap - INT TERM
  [ "$tests_failed" = 0 ] || show_failures
  [ "$tests_skipped" = 0 ] || printf '%s skipped (the reasons stand above)\n' "$tests_skipped"
  printf '%s passed, %s failed\n' "$tests_passed" "$tests_failed"
  [ "$tests_failed" = 0 ] && [ "$tests_passed" -gt 0 ]
}

show_failures() { # once more, where somebody who sees only the end of it all sees them
  say "what failed"
  for tests_failure in "$tests_results"/*.log; do grep -A 7 '\[FAIL\]\|has run for' "$tests_failure" || :; done
}

is_project() { grep -q '<IsTestProject>true' "$root/test/$1/$1.csproj" 2>/dev/null; }

projects() { # in the order in which they begin
  for project in $tests_first; do ! is_project "$project" || echo "$project"; done
  for project in "$root"/test/*/*.csproj; do
    project=$(basename "$project" .csproj)
    case " $tests_first $tests_light " in *" $project "*) continue ;; esac
    ! is_project "$project" || echo "$project"
  done
}

at_once() { # projects that run at the same time
  cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || cores=1
  if [ "$cores" -ge 2 ]; then echo 2; else echo 1; fi
}

running() { # how many do, without the light one
  running_count=0
  for running_one in $tests_running; do
    case $running_one in "$tests_light":*) ;; *) running_count=$((running_count + 1)) ;; esac
  done
  echo "$running_count"
}

start_project() { # start_project NAME ARGUMENT...
  say "testing $1"
  run_project "$@" &
  tests_running="$tests_running $1:$!"
}

# run_project NAME ARGUMENT...: leaves its log, its result and its exit status. It is ended when it has run too long, where the system can.
run_project() {
  project_name=$1 project_limit='' project_exit=0 project_process=''
  shift
  trap 'kill "$project_process" 2>/dev/null; exit 143' TERM
  if command -v timeout >/dev/null; then project_limit="timeout -k 30 ${test_minutes_max}m"; fi
  TEST_MINUTES_MAX=$one_test_minutes_max $project_limit dotnet "$root/test/$project_name/bin/Release/net10.0/$project_name.dll" \
    -xml "$tests_results/$project_name.xml" -noColor "$@" >"$tests_results/$project_name.log" 2>&1 &
  project_process=$!
  wait "$project_process" || project_exit=$?
  echo "$project_exit" >"$tests_results/$project_name.exit"
}

stop_projects() { # what runs in the background hears no Ctrl+C
  for tests_one in $tests_running; do kill "${tests_one#*:}" 2>/dev/null || :; done
}

end_one() { # waits until one of those that run has ended, shows what it said and counts what it left
  while :; do
    for tests_one in $tests_running; do
      tests_name=${tests_one%:*} tests_alive=1
      kill -0 "${tests_one#*:}" 2>/dev/null || tests_alive=
      if [ ! -s "$tests_results/$tests_name.exit" ]; then
        [ -z "$tests_alive" ] || continue
        echo 1 >"$tests_results/$tests_name.exit" # somebody ended it
      fi
      wait "${tests_one#*:}" || :
      tests_left=
      for tests_other in $tests_running; do [ "$tests_other" = "$tests_one" ] || tests_left="$tests_left $tests_other"; done
      tests_running=$tests_left
      cat "$tests_results/$tests_name.log" || : # one that could not begin has none
      count_project
      return 0
    done
    sleep 1
  done
}

count_project() { # what tests_name left
  read -r tests_exit <"$tests_results/$tests_name.exit"
  tests_result=$tests_results/$tests_name.xml
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
