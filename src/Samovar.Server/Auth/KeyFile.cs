namespace Samovar.Server.Auth;

/// <summary>Reads the key file's content, whatever links stand before it.</summary>
internal static class KeyFile
{
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
}
