namespace Samovar.Cli.Pull;

/// <summary>Whether the disk has room for what is missing of all files together, before the first byte of them is asked for.</summary>
internal static class PullRoom
{
    /// <param name="path">Where a file goes.</param>
    /// <exception cref="PullException">It has not.</exception>
    public static void Require(IReadOnlyList<ModelFile> files, Func<ModelFile, string> path, DownloadBounds bounds)
    {
        var missing = files.Sum(file => Missing(file, path(file)));
        if (missing == 0 || PartFile.DiskBytesFreeAt(path(files[0])) is not { } free || missing <= free - bounds.DiskBytesLeft) return;
        throw new PullException($"The disk has room for {ByteText.Of(free)}, and {ByteText.Of(missing)} are missing.");
    }

    private static long Missing(ModelFile file, string path)
    {
        var there = new FileInfo(path);
        if (file.Bytes is not { } bytes || there.Exists && there.Length == bytes) return 0; // which is looked at later
        return Math.Max(0, bytes - PartFile.BytesAt(path));
    }
}
