# Samovar's launcher on Windows: does what ./samovar does for up, serve, setup, test, bench and help. Runs in PowerShell 5.1 and later.
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$root = $PSScriptRoot
$words = @($args | ForEach-Object { [string]$_ })
$pages = Join-Path $root 'launcher/help'
$stamps = Join-Path $root 'artifacts/stamps'
$quick = Join-Path $root 'artifacts/program/bin/Samovar.Cli/release/Samovar.Cli.dll'
$whole = Join-Path $root 'src/Samovar.Cli/bin/Release/net10.0/Samovar.Cli.dll'
$bench = Join-Path $root 'bench/Samovar.Bench/bin/Release/net10.0/Samovar.Bench.dll'
$log = Join-Path $root 'artifacts/build.log'
$nativeRetryHours = 24 # a package for a GPU that could not be fetched is left alone for this long
$env:SAMOVAR_ROOT = $root
$env:DOTNET_NOLOGO = $env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:DOTNET_SKIP_FIRST_TIME_EXPERIENCE = '1'
$env:DOTNET_GENERATE_ASPNET_CERTIFICATE = $env:DOTNET_ADD_GLOBAL_TOOLS_TO_PATH = 'false'

function Say($text) { [Console]::Error.WriteLine("samovar: $text") }
function Fail($text, $status = 1) { Say $text; exit $status }
function Has($program) { [bool](Get-Command $program -ErrorAction SilentlyContinue) }

# --- Help without a build: each command has a page; a command without one does not exist.

function Find-Page($names) {
  $page = ''
  foreach ($name in $names) {
    if ($name -cnotmatch '^[a-z][a-z-]*$') { break }
    $longer = if ($page) { "$page-$name" } else { $name }
    if (-not (Test-Path (Join-Path $pages "$longer.txt"))) { break }
    $page = $longer
  }
  $page
}

function Show-Page($page) { [IO.File]::ReadAllText((Join-Path $pages "$page.txt")).TrimEnd() }

function Show-HelpWhereWanted {
  $asked = '-h', '-?', '--help'
  $first = if ($words.Count) { $words[0] } else { '--help' }
  if ($first -eq '--version') { ([xml](Get-Content (Join-Path $root 'Directory.Build.props') -Raw)).SelectSingleNode('//Version').InnerText; exit 0 }
  if ($first -eq 'help') {
    $script:words = @(@($words | Select-Object -Skip 1) + '--help')
    $first = $words[0]
  }
  if ($asked -contains $first) { Show-Page 'samovar'; exit 0 }
  $page = Find-Page $words
  if (-not $page) { Fail "there is no command '$first'; 'samovar --help' lists them." 2 }
  foreach ($word in $words) {
    if ($word -eq '--') { break }
    if ($asked -contains $word) { Show-Page $page; exit 0 }
  }
}

# --- Stamps: what was done, and for which sources.

function Get-HashOf($bytes) {
  $sha = [Security.Cryptography.SHA256]::Create()
  try { [BitConverter]::ToString($sha.ComputeHash($bytes)).Replace('-', '') } finally { $sha.Dispose() }
}

function Get-SourcesOf($folders) {
  $files = @($folders | ForEach-Object { Get-ChildItem (Join-Path $root $_) -Recurse -File }) +
    @('Directory.Build.props', 'Directory.Packages.props', 'global.json', '.editorconfig' | ForEach-Object { Get-Item (Join-Path $root $_) -Force })
  # The path below the repository alone: that may lie in a folder called bin itself.
  $lines = $files | Where-Object { $_.FullName.Substring($root.Length) -notmatch '[\\/](bin|obj|node_modules)[\\/]' } | Sort-Object FullName |
    ForEach-Object { $_.FullName + ' ' + (Get-HashOf ([IO.File]::ReadAllBytes($_.FullName))) }
  Get-HashOf ([Text.Encoding]::UTF8.GetBytes($lines -join "`n"))
}

function Test-Stamp($name, $hash) {
  $stamp = Join-Path $stamps $name
  (Test-Path $stamp) -and ([IO.File]::ReadAllText($stamp).Trim() -eq $hash)
}

function Set-Stamp($name, $hash) {
  New-Item $stamps -ItemType Directory -Force | Out-Null
  [IO.File]::WriteAllText((Join-Path $stamps $name), $hash)
}

# --- The lock: the second launcher waits, says so, and finds the work done. The system lets it go when its owner ends.

function Use-Lock($work) {
  $folder = Join-Path $root 'artifacts'
  try { New-Item $folder -ItemType Directory -Force | Out-Null }
  catch { Fail "there is something to set up, but $folder cannot be written: $_" }
  $lock = $null
  $said = $false
  while (-not $lock) {
    try { $lock = [IO.File]::Open((Join-Path $folder 'setup.lock.windows'), 'OpenOrCreate', 'ReadWrite', 'None') }
    catch [IO.IOException] {
      if (-not $said) { Say 'waiting for another samovar, which is setting up in this folder' }
      $said = $true
      Start-Sleep -Milliseconds 500
    }
    catch { Fail "there is something to set up, but $folder cannot be written: $_" }
  }
  try { & $work } finally { $lock.Dispose() }
}

# --- The native engine: which of npm's builds fits this machine, and why.

function Get-Platform {
  $onWindows = $env:OS -eq 'Windows_NT'
  $system = if ($onWindows) { 'win' } elseif ((Get-Variable IsMacOS -ValueOnly -ErrorAction SilentlyContinue)) { 'mac' } else { 'linux' }
  $processor = if ($onWindows) { "$env:PROCESSOR_ARCHITEW6432$env:PROCESSOR_ARCHITECTURE" } else { (uname -m) }
  $kind = if ($processor -match 'ARM64|aarch64') { 'arm64' } else { 'x64' }
  "$system-$kind"
}

function Test-Dll($name) { # whether the system's loader would find it
  $folders = @("$env:SystemRoot\System32") + @($env:PATH -split ';')
  [bool]($folders | Where-Object { $_ -and (Test-Path (Join-Path $_ $name)) })
}

function Select-Native($device) {
  $platform = Get-Platform
  $own = @('vulkan', 'cuda')
  if ($device -eq 'cpu') { return $platform, 'asked for' }
  if ($platform -eq 'win-arm64' -or $platform -notlike 'win-*') {
    if ($device -ne 'auto') { Fail "there is no build of libllama for $device on $platform here; see docs/platforms.md." }
    return $platform, 'the build for this platform'
  }
  $cuda = @('13', '12' | Where-Object { (Test-Dll "cudart64_$_.dll") -and (Test-Dll "cublas64_$_.dll") }) | Select-Object -First 1
  $cudaKind = if ($cuda -eq '12') { 'win-x64-cuda12' } else { 'win-x64-cuda' }
  if ($device -eq 'cuda') { return $cudaKind, 'asked for' }
  if ($device -eq 'vulkan') { return 'win-x64-vulkan', 'asked for' }
  if ($device -ne 'auto') { Fail "there is no build of libllama for $device on $platform; see docs/platforms.md." }
  if ($cuda -and (Test-Dll 'nvcuda.dll')) { return $cudaKind, "an NVIDIA driver and CUDA $cuda are here" }
  if (Test-Dll 'vulkan-1.dll') { return 'win-x64-vulkan', 'Vulkan is here' }
  $platform, 'no GPU was found'
}

# The device that the command line or the environment names; 'none' where a library of the user's own computes; '' asks the settings file.
function Get-NamedDevice {
  if ($env:SAMOVAR_Engine__LibraryPath -or ($words | Where-Object { $_ -eq '--library' -or $_ -like '--library=*' })) { return 'none' }
  $device = ''
  $from = '--device'
  for ($index = 0; $index -lt $words.Count; $index++) {
    if ($words[$index] -eq '--device' -and $index + 1 -lt $words.Count) { $device = $words[$index + 1] }
    if ($words[$index] -like '--device=*') { $device = $words[$index].Substring(9) }
  }
  if (-not $device -and $env:SAMOVAR_Engine__Device) {
    $device = $env:SAMOVAR_Engine__Device
    $from = 'SAMOVAR_Engine__Device'
  }
  if ('', 'auto', 'cpu', 'cuda', 'vulkan', 'metal' -ccontains $device) { return $device }
  Fail "Engine:Device ($from) must be one of auto, cpu, cuda, vulkan, metal, not '$device'." 2
}

function Get-Device($named, $program) { # the program, which is built, reads the settings file
  if ($named) { return $named }
  $isFile = (Test-Path 'samovar.json' -PathType Leaf) -or ($words | Where-Object { $_ -eq '--config' -or $_ -like '--config=*' })
  if (-not $isFile) { return 'auto' }
  $arguments = @($words | Select-Object -Skip 1)
  $device = "$(dotnet $program native-device @arguments)".Trim() # in PowerShell 5.1 a redirected stderr would end this
  if ($LASTEXITCODE -eq 0) { $device } else { 'none' } # the program says what is wrong
}

function Get-NativeHash($kind) { Get-HashOf ([IO.File]::ReadAllBytes((Join-Path $root "native/$kind/package-lock.json"))) }

function Test-Native($kind) {
  (Test-Path (Join-Path $root "native/$kind/node_modules")) -and (Test-Stamp "native-$kind" (Get-NativeHash $kind))
}

function Install-Native($kind, $why) {
  $hash = Get-NativeHash $kind
  if (Test-Native $kind) { return $true }
  if (-not (Has 'npm')) { Fail 'npm is needed once, to fetch the native engine; or give the folder of a libllama build with --library DIR.' }
  Say "fetching the native engine $kind (npm): $why"
  Push-Location (Join-Path $root "native/$kind")
  try { npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error | Out-Null } finally { Pop-Location }
  if ($LASTEXITCODE -ne 0) { return $false }
  Set-Stamp "native-$kind" $hash
  $true
}

# Whether the package could not be fetched a short while ago: it is then left alone, except by setup.
function Test-FailedLately($kind) {
  $failure = Join-Path $stamps "native-$kind.failed"
  if ($words[0] -eq 'setup' -or (Test-Native $kind) -or -not (Test-Stamp "native-$kind.failed" (Get-NativeHash $kind))) { return $false }
  $age = [DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($failure)
  $age.TotalHours -ge 0 -and $age.TotalHours -lt $nativeRetryHours
}

function Set-Native($device) {
  if ($device -eq 'none') { return }
  $kind, $why = Select-Native $device
  if ($kind -match '-(cuda|vulkan)') {
    if (-not (Test-FailedLately $kind)) {
      if (Install-Native $kind $why) { return }
      Set-Stamp "native-$kind.failed" (Get-NativeHash $kind)
    }
    Say ("the native engine $kind could not be fetched, the CPU is used; " +
      "'samovar setup' tries again now, 'up' $nativeRetryHours hours after the failure")
    $why = "$kind could not be fetched"
    $kind, $ignored = Select-Native 'cpu'
  }
  if (-not (Install-Native $kind $why)) { Fail "the native engine $kind could not be fetched (see above)." }
}

# --- Builds.

function Build($project, $count, $options) {
  if (-not (Has 'dotnet')) {
    if (-not (Has 'npm')) { Say 'npm is needed, but there is none on the PATH (it comes with Node.js).' }
    Fail "the .NET SDK 10 is needed, but there is no 'dotnet' on the PATH (see https://dot.net)."
  }
  $sdks = @(dotnet --list-sdks | ForEach-Object { ($_ -split ' ')[0] })
  if (-not $sdks) { Fail "the .NET SDK 10 is needed, but this 'dotnet' has only runtimes, no SDK (see https://dot.net)." }
  if (-not ($sdks -match '^10\.')) { Fail "the .NET SDK 10 is needed; there is only $sdks (see https://dot.net)." }
  Say "building Samovar (projects: $count; only after a change)"
  $done = 0
  $arguments = @('build', $project, '-c', 'Release', '-p:RestoreLockedMode=true', '-nodeReuse:false', '-v', 'm', '-tl:off', '-clp:NoSummary') + $options
  Push-Location $root # dotnet goes by the global.json of the folder that it is started in
  try {
    dotnet @arguments 2>&1 | Tee-Object -FilePath $log | ForEach-Object {
      if ("$_" -match '^\s*(\S+) -> .*\.dll$') { $done++; Say "  $done/$count $($Matches[1])" }
      elseif ("$_" -match 'Determining projects to restore') { Say '  restoring packages (NuGet)' }
    }
  }
  finally { Pop-Location }
  if ($LASTEXITCODE -eq 0) { return }
  Get-Content $log | Where-Object { $_ -match '(error|warning) [A-Z]+[0-9]+' } | Sort-Object -Unique | ForEach-Object { [Console]::Error.WriteLine($_) }
  Fail "the build failed; all of its output is in $log"
}

function Get-Count($folders) { @($folders | ForEach-Object { Get-ChildItem (Join-Path $root $_) -Recurse -Filter '*.csproj' }).Count }

function Set-Program {
  $hash = Get-SourcesOf 'src', 'test', 'bench'
  if ((Test-Path $whole) -and (Test-Stamp 'all-windows' $hash)) { return $whole }
  $hash = Get-SourcesOf 'src'
  if (-not ((Test-Path $quick) -and (Test-Stamp 'server-windows' $hash))) {
    Build (Join-Path $root 'src/Samovar.Cli') (Get-Count 'src') '-p:SamovarQuick=true'
    Set-Stamp 'server-windows' $hash
  }
  $quick
}

function Set-Whole {
  $hash = Get-SourcesOf 'src', 'test', 'bench'
  if ((Test-Path $whole) -and (Test-Stamp 'all-windows' $hash)) { return }
  Build (Join-Path $root 'Samovar.slnx') (Get-Count 'src', 'test', 'bench') @()
  Set-Stamp 'all-windows' $hash
}

# --- Tests: every test project in turn, and one line at the end that counts them.

function Invoke-Tests($arguments) {
  $passed = $failed = $skipped = 0
  $results = Join-Path $root 'artifacts/tests'
  if (Test-Path $results) { Remove-Item $results -Recurse -Force }
  New-Item $results -ItemType Directory | Out-Null
  $env:TEST_MINUTES_MAX = 15 # one test may run this long: it fails then, under its name, and the others go on
  foreach ($project in Get-ChildItem (Join-Path $root 'test') -Recurse -Filter '*.csproj' | Sort-Object FullName) {
    if (-not (Select-String -Path $project.FullName -Pattern '<IsTestProject>true' -Quiet)) { continue }
    $name = $project.BaseName
    $result = Join-Path $results "$name.xml"
    Say "testing $name"
    dotnet (Join-Path $project.DirectoryName "bin/Release/net10.0/$name.dll") -xml $result -noColor @arguments | Out-Host
    $status = $LASTEXITCODE
    if (-not (Test-Path $result)) { Say "$name left no result (exit $status)"; $failed++; continue }
    $assembly = ([xml](Get-Content $result -Raw)).SelectSingleNode('//assembly')
    $count = [int]$assembly.failed + [int]$assembly.errors
    $passed += [int]$assembly.passed; $skipped += [int]$assembly.skipped; $failed += $count
    if ($status -ne 0 -and $count -eq 0) { Say "$name ended with exit status $status"; $failed++ }
  }
  if ($skipped) { Write-Host "$skipped skipped (the reasons stand above)" }
  Write-Host "$passed passed, $failed failed"
  exit [int]($failed -gt 0 -or $passed -eq 0)
}

# --- The command line.

Show-HelpWhereWanted
$rest = @($words | Select-Object -Skip 1)
switch ($words[0]) {
  'setup' {
    for ($index = 0; $index -lt $rest.Count; $index++) {
      if ('--device', '--library' -ccontains $rest[$index]) {
        $index++
        if ($index -ge $rest.Count) { Fail "$($rest[$index - 1]) needs a value; 'samovar setup --help' lists what there is." 2 }
      }
      elseif ($rest[$index] -cnotmatch '^--(device|library)=') {
        Fail "'samovar setup' takes no argument '$($rest[$index])'; 'samovar setup --help' lists what there is." 2
      }
    }
    $named = Get-NamedDevice
    Use-Lock { Set-Native (Get-Device $named (Set-Program)) }
    Say 'ready'
  }
  'package' { Fail 'packages are made by ./samovar package on Linux or macOS; see docs/install.md.' }
  'test' { Use-Lock { Set-Native 'cpu'; Set-Whole }; Invoke-Tests $rest }
  'bench' { Use-Lock { Set-Native 'cpu'; Set-Whole }; dotnet $bench @rest; exit $LASTEXITCODE }
  default {
    $computes = 'up', 'serve' -ccontains $words[0]
    $named = if ($computes) { Get-NamedDevice }
    $program = Use-Lock {
      $built = Set-Program
      if ($computes) { Set-Native (Get-Device $named $built) }
      $built
    }
    if (-not $env:DOTNET_EnableDiagnostics) { $env:DOTNET_EnableDiagnostics = '0' } # no files outside the data folder unless asked for
    dotnet $program @words
    exit $LASTEXITCODE
  }
}
