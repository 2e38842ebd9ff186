# The native engine: which of npm's builds of libllama fits this machine, and why.
# native/KIND holds a package.json and a lock for each kind; the program finds whatever is installed there.

native_probe=${SAMOVAR_PROBE_ROOT:-} # a test shows another machine's files here
native_devices='auto, cpu, cuda, vulkan, metal'
native_retry_hours=24 # a package for a GPU that could not be fetched is left alone for this long
native_retries='' native_said=''

platform() {
  case $(uname -s) in
    Linux)
      platform_system=linux
      if is_musl; then platform_system=linux-musl; fi
      ;;
    Darwin) platform_system=mac ;;
    MINGW* | MSYS* | CYGWIN*) platform_system=win ;;
    *) platform_system=other ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) echo "$platform_system-x64" ;;
    aarch64 | arm64) echo "$platform_system-arm64" ;;
    *) echo "$platform_system-$(uname -m)" ;;
  esac
}

is_musl() { # whether there is musl's loader, and not glibc's beside it
  for loader in "$native_probe"/lib64/ld-linux-* "$native_probe"/lib/ld-linux-*; do [ -e "$loader" ] && return 1; done
  for loader in "$native_probe"/lib/ld-musl-*; do [ -e "$loader" ] && return 0; done
  return 1
}

has_library() { # has_library NAME: whether the system's loader would find it
  library_folders=$(printf '%s' "${LD_LIBRARY_PATH:-}" | tr ':' ' ')
  for library_folder in $library_folders /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /usr/lib /usr/lib/wsl/lib; do
    [ -e "$native_probe$library_folder/$1" ] && return 0
  done
  [ -z "$native_probe" ] && (PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) | grep -q "^[[:space:]]*$1 "
}

has_nvidia() { [ -e "$native_probe/proc/driver/nvidia/version" ] || [ -e "$native_probe/dev/nvidiactl" ] || has_library libcuda.so.1; }

cuda_runtime() { # 13, 12, or nothing
  for cuda_version in 13 12; do
    if has_library "libcudart.so.$cuda_version" && has_library "libcublas.so.$cuda_version"; then
      echo "$cuda_version"
      return
    fi
  done
}

has_render_node() {
  for render_node in "$native_probe"/dev/dri/renderD*; do [ -e "$render_node" ] && return 0; done
  return 1
}

# native_choose DEVICE: sets native_kind and native_why
native_choose() {
  native_platform=$(platform)
  native_kind=$native_platform native_why="no GPU was found"
  case $native_platform in
    mac-arm64) native_kind=mac-arm64-metal native_why="Apple silicon" ;;
    linux-x64) native_choose_gpu "$1" ;;
    linux-arm64 | mac-x64 | win-x64 | win-arm64) native_why="the build for this platform" ;;
    *) fail "there is no build of libllama for this platform ($native_platform); give the folder of one with --library DIR." ;;
  esac
  case $1 in
    auto | cpu) ;;
    *)
      case $native_kind in
        *-"$1" | *-"$1"1[0-9]) native_why="asked for" ;;
        *) fail "there is no build of libllama for $1 on $native_platform; see docs/platforms.md." ;;
      esac
      ;;
  esac
}

native_choose_gpu() {
  case $1 in
    cpu) native_why="asked for" ;;
    vulkan) native_kind=linux-x64-vulkan ;;
    cuda)
      native_kind=linux-x64-cuda
      if [ "$(cuda_runtime)" = 12 ]; then native_kind=linux-x64-cuda12; fi
      ;;
    auto)
      cuda=
      if has_nvidia; then
        cuda=$(cuda_runtime)
        native_why="an NVIDIA driver is here, but neither CUDA 12 nor 13 (libcudart, libcublas)"
      fi
      if [ -n "$cuda" ]; then
        native_kind=linux-x64-cuda native_why="an NVIDIA driver and CUDA $cuda are here"
        if [ "$cuda" = 12 ]; then native_kind=linux-x64-cuda12; fi
      elif has_library libvulkan.so.1 && { has_render_node || has_nvidia; }; then
        native_kind=linux-x64-vulkan native_why="a GPU and Vulkan are here"
      fi
      ;;
    *) native_kind=none ;;
  esac
}

# native_device ARGUMENT...: sets native_named to the device that the command line or the environment names; to none where a library of the
# user's own computes; to nothing where the settings file is to be asked.
native_device() {
  native_named='' native_next='' native_file='' native_from=--device
  if [ -n "${SAMOVAR_Engine__LibraryPath:-}" ]; then native_named=none; fi
  [ ! -f samovar.json ] || native_file=1
  for native_word; do
    if [ -n "$native_next" ] && [ "$native_named" != none ]; then native_named=$native_word; fi
    native_next=
    case $native_word in
      --device) native_next=1 ;;
      --device=*) [ "$native_named" = none ] || native_named=${native_word#--device=} ;;
      --library | --library=*) native_named=none ;;
      --config | --config=*) native_file=1 ;;
    esac
  done
  if [ -z "$native_named" ] && [ -n "${SAMOVAR_Engine__Device:-}" ]; then
    native_named=$SAMOVAR_Engine__Device native_from=SAMOVAR_Engine__Device
  fi
  [ -n "$native_named" ] || [ -n "$native_file" ] || native_named=auto
  case $native_named in
    '' | auto | cpu | cuda | vulkan | metal | none) ;;
    *) refuse "Engine:Device ($native_from) must be one of $native_devices, not '$native_named'." ;;
  esac
}

native_ask() { # native_ask ARGUMENT...: asks the program, which is built, for what the settings file names
  [ -n "$native_named" ] || native_named=$(dotnet "$server" native-device "$@" 2>/dev/null) || native_named=none # it will say what is wrong
}

native_hash() { hash_of <"$root/native/$native_kind/package-lock.json"; }

native_ready() {
  [ "$native_named" = none ] && return 0
  [ -d "$root/native/$native_kind/node_modules" ] && stamped "native-$native_kind" "$(native_hash)"
}

native_install() {
  command -v npm >/dev/null ||
    fail "npm is needed once, to fetch the native engine; or give the folder of a libllama build with --library DIR."
  say "fetching the native engine $native_kind (npm): $native_why"
  (with_scratch && cd "$root/native/$native_kind" &&
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null)
}

# native_settle: chooses for native_named; the CPU where the package for the GPU could not be fetched a short while ago
native_settle() {
  [ "$native_named" = none ] && return 0
  native_choose "$native_named"
  native_failed_lately || return 0
  native_failed=$native_kind
  [ -n "$native_said" ] ||
    say "the native engine $native_failed could not be fetched, the CPU is used;" \
      "'./samovar setup' tries again now, 'up' $native_retry_hours hours after the failure"
  native_said=1
  native_choose cpu
  native_why="$native_failed could not be fetched"
}

native_now() { date +%s; }

native_failed_lately() {
  native_failure=$stamps/native-$native_kind.failed
  if [ -n "$native_retries" ] || [ ! -f "$native_failure" ] || native_ready; then return 1; fi
  read -r native_failed_at native_failed_for <"$native_failure" && [ "$native_failed_for" = "$(native_hash)" ] || return 1
  native_age=$(($(native_now) - native_failed_at))
  [ "$native_age" -ge 0 ] && [ "$native_age" -lt $((native_retry_hours * 3600)) ]
}

setup_native() { # what native_named needs
  native_settle
  native_ready && return 0
  rm -f "$stamps/native-$native_kind"
  case $native_kind in
    *-cuda* | *-vulkan)
      once "native-$native_kind" "$(native_hash)" native_install && return 0
      mkdir -p "$stamps"
      printf '%s %s\n' "$(native_now)" "$(native_hash)" >"$stamps/native-$native_kind.failed"
      native_retries=
      native_settle
      native_ready && return 0
      ;;
  esac
  once "native-$native_kind" "$(native_hash)" native_install || fail "the native engine $native_kind could not be fetched (see above)."
}
