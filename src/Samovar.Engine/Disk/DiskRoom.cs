namespace Samovar.Engine.Disk;

/// <summary>How much of a disk state files may take.</summary>
internal static class DiskRoom
{
    private const int FreeShare = 8; // one byte in so many that are free when the folder is opened
    private const long DefaultMax = 64L << 30;

    /// <summary>What all files of a folder may take.</summary>
    /// <param name="options">Below zero: a share of what is free.</param>
    /// <param name="held">What its files take already.</param>
    public static long Of(EngineOptions options, string folder, long held) => options.DiskBytesMax >= 0 ? options.DiskBytesMax
        : Math.Min((Free(folder) + held) / FreeShare, DefaultMax) / Math.Max(1, options.ModelsOfDisk);

    /// <summary>What they may take now, so that others find room on that disk, too.</summary>
    public static long Now(string folder, long bytesMax, long held, long freeMin) =>
        Math.Min(bytesMax, Math.Max(0, held + Free(folder) - freeMin));

    private static long Free(string folder) =>
        new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(folder))! : folder).AvailableFreeSpace;
}
