namespace Samovar.Server.Auth;

/// <summary>Reads the key file's content, whatever links stand before it.</summary>
internal static class KeyFile
{
    private const int NoHandleOfTheSystem = 23, NoHandleOfTheProcess = 24; // ENFILE, EMFILE, on Linux and macOS
    private const int NoHandleOnWindows = unchecked((int)0x80070004); // ERROR_TOO_MANY_OPEN_FILES

    /// <exception cref="IOException">It cannot be read, or it is too large.</exception>
    public static byte[] Read(string path, int bytesMax)
    {
        using var file = File.OpenRead(path);
        var content = new MemoryStream();
        var piece = new byte[16 << 10];
        for (int read; (read = file.Read(piece)) > 0;)
        {
            content.Write(piece, 0, read);
            if (content.Length > bytesMax) throw new IOException($"it is larger than Auth:KeyFileBytesMax ({bytesMax})");
        }
        return content.ToArray();
    }

    /// <summary>Whether there was no handle to open it with, which says nothing of the file.</summary>
    public static bool IsWithoutHandle(Exception exception) => exception is IOException
    {
        HResult: NoHandleOfTheSystem or NoHandleOfTheProcess or NoHandleOnWindows,
    };
}
