# Packages: the program with .NET, its engine and Pocket as an archive for each platform, and as packages of a .NET tool.
# What MSBuild does for them stands in src/Samovar.Cli/Package.props.

package_known='linux-x64 linux-arm64 osx-arm64 win-x64'
packages=$root/artifacts/packages
package_made=$root/artifacts/program # where builds leave what they made

version() { sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' "$root/Directory.Build.props"; }

package_arguments() { # package [--check] [PLATFORM...]: sets package_platforms and package_check
  package_platforms='' package_check=''
  shift
  for package_word; do
    case $package_word in
      --check) package_check=1 ;;
      *)
        case " $package_known " in
          *" $package_word "*) package_platforms="$package_platforms $package_word" ;;
          *) refuse "there is no package for '$package_word'; there are: $package_known." ;;
        esac
        ;;
    esac
  done
  [ -n "$package_platforms" ] || package_platforms=$package_known
  if [ -n "$package_check" ]; then package_platforms=$(package_of_this_machine); fi
  [ -n "$package_platforms" ] || fail "there are no packages for this machine ($(platform)) that could be checked here."
}

package_of_this_machine() {
  case $(platform) in
    linux-x64 | linux-arm64) platform ;;
    mac-arm64) echo osx-arm64 ;;
  esac
}

package() {
  package_arguments "$@"
  package_needs
  lock_take "packing"
  for package_platform in $package_platforms; do package_engine "$(engine_of "$package_platform")"; done
  rm -rf "$packages" "$package_made/publish/Samovar.Cli" "$package_made/package"
  mkdir -p "$packages"
  for package_platform in $package_platforms; do package_archive; done
  package_tool
  (cd "$packages" && package_sums samovar* >SHA256SUMS)
  lock_release
  say "packed: $packages"
  for package_file in "$packages"/samovar*; do say "  $(mebibytes "$(wc -c <"$package_file")") ${package_file##*/}"; done
}

mebibytes() { echo "$((($1 + 524288) / 1048576)) MiB"; }

package_needs() {
  need_dotnet
  command -v npm >/dev/null || fail "npm is needed, to fetch the native engines."
  case $package_platforms in
    *win*) command -v zip >/dev/null || fail "zip is needed, to pack for Windows." ;;
  esac
  for package_summer in sha256sum shasum; do command -v "$package_summer" >/dev/null && return 0; done
  fail "sha256sum or shasum is needed, to write checksums."
}

package_sums() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

engine_of() { # the kind of native engine that a platform's package has: the CPU's, which a Mac's Metal build has, too
  case $1 in
    osx-arm64) echo mac-arm64-metal ;;
    *) echo "$1" ;;
  esac
}

package_engine() { # package_engine KIND: its libraries and their licence in artifacts/engines/KIND
  package_kind=$1
  [ -d "$root/artifacts/engines/$package_kind" ] || rm -f "$stamps/engine-$package_kind"
  once "engine-$package_kind" "$(hash_of <"$root/native/$package_kind/package-lock.json")" package_fetch ||
    fail "the native engine $package_kind could not be fetched (see above)."
}

package_fetch() ( # npm compares each with the hash in its lock, and need not be told which machine this is
  say "fetching the native engine $package_kind (npm)"
  with_scratch
  package_npm=$root/artifacts/npm/$package_kind package_engine=$root/artifacts/engines/$package_kind
  rm -rf "$package_npm" "$package_engine"
  mkdir -p "$package_npm" "$package_engine"
  cp "$root/native/$package_kind/"package*.json "$package_npm"
  cd "$package_npm"
  npm ci --force --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null || exit 1
  package_libraries=$package_npm/node_modules/@node-llama-cpp/$package_kind
  cp "$package_libraries/LICENSE" "$package_engine"
  find "$package_libraries/bins/$package_kind" -type f \( -name '*.so' -o -name '*.dylib' -o -name '*.dll' -o -name '*.metal*' \) \
    ! -name '*llama-common*' -exec cp {} "$package_engine" \; # that one is node's
)

package_dotnet() ( # package_dotnet COMMAND OPTION...: the output is shown where it fails
  with_scratch
  cd "$root"
  package_command=$1
  shift
  dotnet "$package_command" src/Samovar.Cli -c Release -p:SamovarQuick=true -p:RestoreLockedMode=true -nodeReuse:false -v q -tl:off \
    -clp:NoSummary "$@" >"$root/artifacts/package.log" 2>&1 && return 0
  tail -n 20 "$root/artifacts/package.log" >&2
  fail "the packages could not be built; all of the output is in $root/artifacts/package.log"
)

package_archive() { # for package_platform
  package_name=samovar-$(version)-$package_platform
  say "packing $package_name"
  package_dotnet publish -p:SamovarPackage=archive -p:SamovarPlatform="$package_platform"
  package_staged=$root/artifacts/archives
  rm -rf "$package_staged"
  mkdir -p "$package_staged"
  mv "$package_made/publish/Samovar.Cli/archive_$package_platform" "$package_staged/$package_name"
  cd "$package_staged"
  find "$package_name" -type f -exec chmod 644 {} + # what packages say of each file differs
  case $package_platform in
    win-*)
      mv "$package_name/Samovar.Cli.exe" "$package_name/samovar.exe"
      zip -q -r "$packages/$package_name.zip" "$package_name"
      ;;
    *)
      mv "$package_name/Samovar.Cli" "$package_name/samovar"
      chmod 755 "$package_name/samovar"
      [ ! -f "$package_name/createdump" ] || chmod 755 "$package_name/createdump"
      tar -czf "$packages/$package_name.tar.gz" "$package_name"
      ;;
  esac
  cd "$root"
}

package_tool() { # one package that names the others, and one for each of package_platforms
  say "packing the .NET tool"
  package_dotnet pack -p:SamovarPackage=tool -p:SamovarPlatforms="$(echo $package_platforms | tr ' ' +)"
  find "$package_made/package" -name 'samovar*.nupkg' -exec cp {} "$packages" \;
}
