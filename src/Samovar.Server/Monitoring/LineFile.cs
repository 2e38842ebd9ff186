namespace Samovar.Server.Monitoring;

/// <summary>Opens files that hold one record in each line.</summary>
internal static class LineFile
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>The file, created if missing, for writing behind its last whole line.</summary>
    public static Stream Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Without a buffer: what a write says is what the disk said.
        return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Goes to the end; a line that an earlier writer left torn is ended first, so that none is glued to it.</summary>
    public static async Task SeekToEndAsync(Stream file)
    {
        if (!file.CanSeek || file.Length == 0) return; // a pipe or a device has no last line
        file.Position = file.Length - 1;
        var last = new byte[1];
        var read = await file.ReadAtLeastAsync(last, 1, throwOnEndOfStream: false);
        file.Position = file.Length;
        if (read == 1 && last[0] != LineEnd) await AppendAsync(file, new[] { LineEnd });
    }

    private static void TryCut(Stream file, long length)
    {
        try { file.SetLength(length); }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            // then the next writer ends the torn line
        }
    }

    /// <summary>Appends lines, all of them or none: what got there of a write that failed is cut off again.</summary>
    public static async Task AppendAsync(Stream file, ReadOnlyMemory<byte> lines)
    {
        var begin = file.CanSeek ? file.Position : 0;
        try
        {
            await file.WriteAsync(lines);
        }
        catch when (file.CanSeek) // a limit of file sizes is no IOException
        {
            TryCut(file, begin);
            throw;
        }
    }
}
