using System.Globalization;
using System.Text;

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
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            Sign(file);
            return new SqliteLock(file);
        }
        catch (IOException exception) when (File.Exists(path) && IsHeld(path))
        {
            throw new StoreRefusedException(
                $"{databasePath} is in use by another server{OwnerOf(path)}: two cannot share a data folder. Stop it, or give this one " +
                "another data folder or --store postgres.", exception);
        }
    }

    /// <summary>For those who are refused; a full disk is none of their matter.</summary>
    private static void Sign(FileStream file)
    {
        try
        {
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        }
        catch (IOException) { /* it is held all the same */ }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsHeld(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return false; // something else went wrong: a full disk
        }
        catch (FileNotFoundException) { return false; }
        catch (IOException) { return true; }
    }

    private static string OwnerOf(string path)
    {
        try
        {
            using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return file.ReadLine() is { Length: > 0 } process ? $" (process {process})" : "";
        }
        catch (IOException) { return ""; }
        catch (UnauthorizedAccessException) { return ""; }
    }
}
