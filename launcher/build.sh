# Builds: of the program alone, without analyzers, in a folder of its own, for those who run it; of everything, with them, for tests.

quick=$root/artifacts/program/bin/Samovar.Cli/release/Samovar.Cli.dll
whole=$root/src/Samovar.Cli/bin/Release/net10.0/Samovar.Cli.dll
bench=$root/bench/Samovar.Bench/bin/Release/net10.0/Samovar.Bench.dll
server=$quick
build_log=$root/artifacts/build.log

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET SDK 10 is needed, but there is no 'dotnet' on the PATH (see https://dot.net)."
  dotnet --list-sdks | grep -q '^1[0-9]\.' || fail "the .NET SDK 10 is needed; found only: $(dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')"
}

build() { # build PROJECT COUNT OPTION...: COUNT projects are reported one by one
  build_project=$1 build_count=$2
  shift 2
  need_dotnet
  say "building Samovar (projects: $build_count; only after a change)"
  mkdir -p "$root/artifacts"
  build_result=$build_log.status
  echo 1 >"$build_result"
  { dotnet build "$build_project" -c Release -p:RestoreLockedMode=true -nodeReuse:false -v m -tl:off -clp:NoSummary "$@" 2>&1 &&
    echo 0 >"$build_result"; } | tee "$build_log" | build_progress
  if read -r build_status <"$build_result" && [ "$build_status" = 0 ]; then return 0; fi
  { grep -E '(error|warning) [A-Z]+[0-9]+' "$build_log" || tail -n 20 "$build_log"; } | LC_ALL=C sort -u >&2
  say "all of the build's output is in $build_log"
  return 1
}

build_progress() {
  build_done=0
  while IFS= read -r build_line; do
    case $build_line in
      *' -> '*.dll)
        build_done=$((build_done + 1))
        build_name=${build_line%% -> *}
        say "  $build_done/$build_count ${build_name##* }"
        ;;
      *'Determining projects to restore'*) say "  bringing packages (NuGet)" ;;
    esac
  done
}

count_of() { find "$@" -name '*.csproj' | wc -l | tr -d ' '; }

build_quick() { build "$root/src/Samovar.Cli" "$(count_of "$root/src")" -p:SamovarQuick=true; }
build_whole() { build "$root/Samovar.slnx" "$(count_of "$root/src" "$root/test" "$root/bench")"; }

setup_ready() { # whether nothing is left to do; chooses the build that is there
  setup_native_ready "$@" || return 1
  if [ -f "$whole" ] && [ -f "$stamps/all" ] && stamped all "$(sources_of src test bench Samovar.slnx)"; then
    server=$whole
    return 0
  fi
  [ -f "$quick" ] && stamped server "$(sources_of src)"
}

setup_native_ready() {
  native_is_own "$@" && return 0
  native_choose "$(native_device "$@")"
  native_ready
}

setup() { # for those who run it: setup ARGUMENT...
  setup_ready "$@" && return 0
  lock_take "setting up"
  native_is_own "$@" || setup_native "$(native_device "$@")"
  if ! setup_ready "$@"; then
    [ -f "$quick" ] || rm -f "$stamps/server"
    once server "$(sources_of src)" build_quick
  fi
  lock_release
}

setup_whole() {
  setup_native cpu
  [ -f "$whole" ] || rm -f "$stamps/all"
  once all "$(sources_of src test bench Samovar.slnx)" build_whole
}

setup_bench() {
  lock_take "setting up the benchmarks"
  setup_whole
  lock_release
}

setup_tests() {
  lock_take "setting up the tests"
  setup_whole
  setup_python
  setup_postgres
  lock_release
}
