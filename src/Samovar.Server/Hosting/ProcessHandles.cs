using System.Runtime.InteropServices;

namespace Samovar.Server.Hosting;

/// <summary>How many files and connections together this process may have open.</summary>
internal static class ProcessHandles
{
    private const int LimitOfHandles = 7, LimitOfHandlesOnMacOS = 8; // RLIMIT_NOFILE

    /// <summary>A quarter of the handles, and at most so many, are for files, the store and upstreams.</summary>
    private const int ReserveMax = 4096;

    /// <summary>Those that a process has open before anybody connects, and a few for what it opens then.</summary>
    public const int OwnMin = 64;

    /// <summary>As the system says; the runtime has raised it as far as it may be. Null where there is no bound.</summary>
    public static long? Max { get; } = Read();

    /// <summary>Connections that leave enough handles for everything else.</summary>
    /// <param name="handles">Null where there is no bound.</param>
    /// <param name="hasUpstreams">Whether each client may have a connection to an upstream.</param>
    public static int ConnectionsWithin(long? handles, bool hasUpstreams) => handles is { } max
        ? (int)Math.Clamp(hasUpstreams ? max / 2 : max - Math.Min(max / 4, ReserveMax), 1, int.MaxValue) : int.MaxValue;

    private static long? Read()
    {
        if (OperatingSystem.IsWindows()) return null;
        var resource = OperatingSystem.IsMacOS() ? LimitOfHandlesOnMacOS : LimitOfHandles;
        return GetLimit(resource, out var limit) == 0 && limit.Now <= int.MaxValue ? (long)limit.Now : null;
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out Limit limit);

    /// <summary>struct rlimit.</summary>
    private readonly record struct Limit(nuint Now, nuint Max);
}
