using System.Globalization;
using Samovar.Engine;
using Samovar.Escaping;

namespace Samovar.Server.Hosting;

/// <summary>Where KV state is kept across restarts, how much of it, and what changes that, for the ready note.</summary>
internal static class StateNote
{
    /// <summary>One line: that it is kept, or that its folder cannot be written at this moment; null where none is kept.</summary>
    public static string? Of(EngineOptions options, string dataPath)
    {
        if (options.DiskBytesMax == 0) return null;
        var folder = Path.GetFullPath(options.ModelPath is null ? Path.Combine(dataPath, options.DiskPath) : options.DiskPath);
        if (WritableFolder.FaultOf(folder) is { } fault)
            return ForeignText.OneLine($"their KV state CANNOT be kept in {folder}: {fault}; after a restart they are computed again");
        var most = options.DiskBytesMax < 0 ? "an eighth of the free disk, 64 GiB at most"
            : string.Create(CultureInfo.InvariantCulture, $"{options.DiskBytesMax:N0} bytes at most");
        return ForeignText.OneLine(
            $"keeping their KV state in {folder}, {most} (change it with Engine:{nameof(options.DiskBytesMax)}; 0: none)");
    }
}
