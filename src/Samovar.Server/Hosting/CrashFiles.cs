using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Samovar.Server.Hosting;

/// <summary>
/// Keeps what is in memory from reaching a disk when the process crashes, since text of <c>store: false</c> never may: no core file of
/// the system's, no dump of the runtime's.
/// </summary>
internal static partial class CrashFiles
{
    private const int LimitOfCoreFiles = 4; // RLIMIT_CORE, on Linux and macOS
    private const int SetDumpable = 4; // PR_SET_DUMPABLE: also where a core file goes through a pipe, which no limit holds
    private const int FileSizeExceeded = 25; // SIGXFSZ, on Linux and macOS
    private static readonly string[] DumpSwitches = ["DOTNET_DbgEnableMiniDump", "COMPlus_DbgEnableMiniDump"];
    private static PosixSignalRegistration? s_fileSize;

    /// <summary>To be called before anything of a conversation is in memory.</summary>
    public static void Forbid(ILogger logger)
    {
        if (OperatingSystem.IsWindows()) return;
        // The runtime has read its switch when the process began: it begins again without.
        if (OperatingSystem.IsLinux() && DumpSwitches.Any(name => Environment.GetEnvironmentVariable(name) is not null)) BeginAgain();
        if (DumpSwitches.Any(name => Environment.GetEnvironmentVariable(name) is not null)) Log.DumpsOn(logger, DumpSwitches[0]);
        var none = default(Limit);
        if (SetLimit(LimitOfCoreFiles, in none) != 0) Log.StillOn(logger, Marshal.GetLastPInvokeErrorMessage());
        if (OperatingSystem.IsLinux() && SetProcess(SetDumpable, 0, 0, 0, 0) != 0)
            Log.StillOn(logger, Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>A file that would pass the system's limit of sizes is an error of its write, not the end of the process.</summary>
    public static void OutliveFileSizes()
    {
        if (!OperatingSystem.IsWindows())
            s_fileSize ??= PosixSignalRegistration.Create((PosixSignal)FileSizeExceeded, signal => signal.Cancel = true);
    }

    private static void BeginAgain()
    {
        var arguments = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !DumpSwitches.Contains((string)variable.Key, StringComparer.Ordinal))
            .Select(variable => $"{variable.Key}={variable.Value}");
        _ = Replace("/proc/self/exe", [.. arguments, null], [.. environment, null]); // returns only where it failed
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, in Limit limit);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetProcess(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    [DllImport("libc", EntryPoint = "execve", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Replace(string path, string?[] arguments, string?[] environment);

    /// <summary>struct rlimit.</summary>
    private readonly record struct Limit(nuint Now, nuint Max);

    private static partial class Log
    {
        [LoggerMessage(8121, LogLevel.Warning, "A crash may leave a core file: {Reason}")]
        public static partial void StillOn(ILogger logger, string reason);

        [LoggerMessage(8122, LogLevel.Warning, "A crash will leave a dump of the memory, conversations included: unset {Switch}")]
        public static partial void DumpsOn(ILogger logger, string @switch);
    }
}
