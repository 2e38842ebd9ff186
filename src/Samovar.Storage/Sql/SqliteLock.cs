namespace Samovar.Storage.Sql;

/// <summary>A file beside the database that one process holds open: two servers would each believe that the database is theirs.</summary>
internal sealed class SqliteLock : IDisposable
{
    private readonly FileStream _file;

    private SqliteLock(FileStream file) => _file = file;

    /// <exception cref="StoreRefusedException">Another server has it.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static SqliteLock Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            return new SqliteLock(Open(path, FileMode.OpenOrCreate));
        }
        catch (IOException exception) when (File.Exists(path) && IsHeld(path))
        {
            throw new StoreRefusedException(
                $"{databasePath} is in use by another server: two cannot share a data folder. Stop it, or give this one " +
                "another data folder or --store postgres.", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsHeld(string path)
    {
        try
        {
            using var file = Open(path, FileMode.Open);
            return false; // something else went wrong: a full disk
        }
        catch (FileNotFoundException) { return false; }
        catch (IOException) { return true; }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (mode == FileMode.OpenOrCreate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
