# The native engine: which of npm's builds of libllama fits this machine, and why.
# native/KIND holds a package.json and a lock for each kind; the program finds whatever is installed there.

native_probe=${SAMOVAR_PROBE_ROOT:-} # a test shows another machine's files here

platform() {
  case $(uname -s) in
    Linux) platform_system=linux ;;
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

native_device() { # the device that the command line or the environment names
  native_named=${SAMOVAR_Engine__Device:-auto} native_next=
  for native_word; do
    if [ -n "$native_next" ]; then native_named=$native_word native_next=; fi
    case $native_word in
      --device) native_next=1 ;;
      --device=*) native_named=${native_word#--device=} ;;
    esac
  done
  case $native_named in
    auto | cpu | cuda | vulkan | metal) printf '%s' "$native_named" ;;
    *) printf auto ;; # the program says what is wrong with it
  esac
}

native_is_own() { # whether a library of the user's own is named
  [ -n "${SAMOVAR_Engine__LibraryPath:-}" ] && return 0
  case " $* " in *" --library "* | *" --library="*) return 0 ;; esac
  return 1
}

native_hash() { hash_of <"$root/native/$native_kind/package-lock.json"; }

native_ready() { [ -d "$root/native/$native_kind/node_modules" ] && stamped "native-$native_kind" "$(native_hash)"; }

native_install() {
  command -v npm >/dev/null || fail "npm is needed once, to bring the native engine; or give the folder of a libllama build with --library DIR."
  say "bringing the native engine $native_kind (npm): $native_why"
  (cd "$root/native/$native_kind" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
}

setup_native() { # setup_native DEVICE
  native_choose "$1"
  native_ready && return 0
  rm -f "$stamps/native-$native_kind"
  case $native_kind in
    *-cuda* | *-vulkan)
      native_install && once "native-$native_kind" "$(native_hash)" true && return 0
      say "the native engine for a GPU could not be brought; the one for the CPU is taken"
      native_choose cpu
      ;;
  esac
  once "native-$native_kind" "$(native_hash)" native_install
}
