# Builds: of the program alone, without analyzers, in a folder of its own, for those who run it; of everything, with them, for tests.

quick=$root/artifacts/program/bin/Samovar.Cli/release/Samovar.Cli.dll
whole=$root/src/Samovar.Cli/bin/Release/net10.0/Samovar.Cli.dll
bench=$root/bench/Samovar.Bench/bin/Release/net10.0/Samovar.Bench.dll
server=$quick
build_log=$root/artifacts/build.log

need_dotnet() {
  if ! command -v dotnet >/dev/null; then
    command -v npm >/dev/null || say "npm is needed, but there is none on the PATH (it comes with Node.js)."
    fail "the .NET SDK 10 is needed, but there is no 'dotnet' on the PATH (see https://dot.net)."
  fi
  dotnet_sdks=$(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')
  case " $dotnet_sdks" in
    *' 10.'*) ;;
    ' ') fail "the .NET SDK 10 is needed, but this 'dotnet' has only runtimes, no SDK (see https://dot.net)." ;;
    *) fail "the .NET SDK 10 is needed; there is only ${dotnet_sdks% } (see https://dot.net)." ;;
  esac
}

build() { # build PROJECT COUNT OPTION...: COUNT projects are reported one by one
  build_project=$1 build_count=$2
  shift 2
  need_dotnet
  say "building Samovar (projects: $build_count; only after a change)"
  mkdir -p "$root/artifacts"
  build_result=$build_log.status
  echo 1 >"$build_result"
  { build_run "$@" 2>&1 && echo 0 >"$build_result"; } | tee "$build_log" | build_progress
  if read -r build_status <"$build_result" && [ "$build_status" = 0 ]; then return 0; fi
  if grep -E '(error|warning) [A-Z]+[0-9]+' "$build_log" >"$build_log.faults"; then LC_ALL=C sort -u "$build_log.faults" >&2
  else tail -n 20 "$build_log" >&2; fi
  say "the build failed; all of its output is in $build_log"
  return 1
}

# In this folder, for dotnet goes by the global.json of the folder that it is started in.
build_run() (
  with_scratch
  cd "$root"
  dotnet build "$build_project" -c Release -p:RestoreLockedMode=true -nodeReuse:false -v m -tl:off -clp:NoSummary "$@"
)

build_progress() {
  build_done=0
  while IFS= read -r build_line; do
    case $build_line in
      *' -> '*.dll)
        build_done=$((build_done + 1))
        build_name=${build_line%% -> *}
        say "  $build_done/$build_count ${build_name##* }"
        ;;
      *'Determining projects to restore'*) say "  restoring packages (NuGet)" ;;
    esac
  done
}

count_of() { find "$@" -name '*.csproj' | wc -l | tr -d ' '; }

build_quick() { build "$root/src/Samovar.Cli" "$(count_of "$root/src")" -p:SamovarQuick=true; }
build_whole() { build "$root/Samovar.slnx" "$(count_of "$root/src" "$root/test" "$root/bench")"; }

program_ready() { # whether the program is built; chooses the build that is there
  if [ -f "$whole" ] && [ -f "$stamps/all" ] && stamped all "$(sources_of src test bench Samovar.slnx)"; then
    server=$whole
    return 0
  fi
  [ -f "$quick" ] && stamped server "$(sources_of src)"
}

setup_program() { # for commands that compute nothing themselves
  program_ready && return 0
  lock_take "setting up"
  build_program
  lock_release
}

build_program() {
  program_ready && return 0
  [ -f "$quick" ] || rm -f "$stamps/server"
  once server "$(sources_of src)" build_quick || exit 1
}

setup_arguments() { # setup --device DEVICE --library DIR, and nothing else
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --device | --library)
        [ $# -gt 1 ] || refuse "$1 needs a value; './samovar setup --help' lists what there is."
        shift
        ;;
      --device=* | --library=*) ;;
      *) refuse "'samovar setup' takes no argument '$1'; './samovar setup --help' lists what there is." ;;
    esac
    shift
  done
}

setup() { # for those who serve: setup COMMAND ARGUMENT...
  shift
  native_device "$@"
  if program_ready; then
    native_ask "$@"
    native_settle
    native_ready && return 0
  fi
  lock_take "setting up"
  build_program
  native_ask "$@"
  setup_native
  lock_release
}

setup_whole() {
  [ -f "$whole" ] || rm -f "$stamps/all"
  once all "$(sources_of src test bench Samovar.slnx)" build_whole || exit 1
  native_named=cpu
  setup_native
}

setup_bench() {
  lock_take "setting up the benchmarks"
  setup_whole
  lock_release
}

setup_tests() {
  lock_take "setting up the tests"
  setup_packages & # it mostly waits for the network, and the build for the processor
  setup_packages_process=$!
  setup_whole
  wait "$setup_packages_process" || :
  lock_release
}
