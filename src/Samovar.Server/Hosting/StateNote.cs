using System.Globalization;
using Samovar.Engine;
using Samovar.Escaping;

namespace Samovar.Server.Hosting;

/// <summary>Where KV state is kept across restarts, how much of it, and what changes that, for the ready note.</summary>
internal static class StateNote
{
    /// <summary>One line, for <c>keeping their KV state …</c>; null where none is kept.</summary>
    public static string? Of(EngineOptions options, string dataPath)
    {
        if (options.DiskBytesMax == 0) return null;
        var folder = Path.GetFullPath(options.ModelPath is null ? Path.Combine(dataPath, options.DiskPath) : options.DiskPath);
        var most = options.DiskBytesMax < 0 ? "an eighth of the free disk, 64 GiB at most"
            : string.Create(CultureInfo.InvariantCulture, $"{options.DiskBytesMax:N0} bytes at most");
        return ForeignText.OneLine($"in {folder}, {most} (change it with Engine:{nameof(options.DiskBytesMax)}; 0: none)");
    }
}
