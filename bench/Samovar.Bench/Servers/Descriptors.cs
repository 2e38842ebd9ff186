using System.Globalization;

namespace Samovar.Bench.Servers;

/// <summary>File descriptors that a process may hold; .NET raises the soft limit to the hard one by itself.</summary>
internal static class Descriptors
{
    private const int Others = 400; // files, libraries, pipes, connections on their way
    private const string Limits = "/proc/self/limits", Line = "Max open files";

    /// <summary>The hard limit; <see cref="int.MaxValue"/> where the system has none.</summary>
    public static int Max { get; } = ReadMax();

    /// <exception cref="InvalidOperationException">One process cannot hold so many sockets here.</exception>
    public static void Require(int sockets)
    {
        if (sockets + Others <= Max) return;
        throw new InvalidOperationException($"One process needs {sockets + Others} file descriptors for this and may have {Max}: raise the "
            + $"hard limit ('ulimit -Hn', or LimitNOFILE), or ask for less (--sockets, --kept).");
    }

    private static int ReadMax()
    {
        if (!File.Exists(Limits)) return int.MaxValue;
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal)) ?? "";
        var fields = line[Math.Min(Line.Length, line.Length)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out var hard) ? hard : int.MaxValue;
    }
}
