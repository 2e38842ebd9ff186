namespace Samovar.Engine.Disk;

/// <summary>The folder of one model's state files: one engine's at a time.</summary>
internal sealed class DiskFolder : IDisposable
{
    private const string LockName = "lock";
    private static readonly string[] Endings = [".rows", ".point", StateFile.Unfinished];
    private readonly FileStream _lock;
    private readonly byte[] _binding;
    private readonly DiskKeys _keys;
    private readonly string _path;

    /// <exception cref="IOException">It cannot be made, or another engine has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    public DiskFolder(string path, byte[] binding, DiskKeys keys)
    {
        (_path, _binding, _keys) = (path, binding, keys);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _lock = new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The pieces that are there, the newest first. Whatever cannot be used is deleted.</summary>
    /// <param name="refused">A file was deleted.</param>
    public IEnumerable<DiskPiece> Scan(Action refused)
    {
        foreach (var file in new DirectoryInfo(_path).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList())
        {
            if (!Endings.Contains(file.Extension, StringComparer.Ordinal)) continue;
            if (HeadOf(file) is { } head) yield return new DiskPiece(head, file.LastWriteTimeUtc);
            else if (TryDelete(file.Name)) refused();
        }
    }

    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(PieceHead head, NativeBytes body) => StateFile.Write(_path, head, body, _binding, _keys);

    /// <summary>Tokens and state of a piece; null where its file is not what it must be.</summary>
    public NativeBytes? Read(PieceHead head)
    {
        try
        {
            return StateFile.Read(Path.Combine(_path, head.Name), head, _binding, _keys);
        }
        catch (OutOfMemoryException)
        {
            throw; // the file may be all right
        }
        catch (Exception) // one file: whatever it is, it is not what it must be
        {
            return null;
        }
    }

    public bool TryDelete(string name)
    {
        try
        {
            File.Delete(Path.Combine(_path, name));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // it is not in the index, and no one reads it
        }
    }

    /// <summary>Its age is counted from here, also after a restart.</summary>
    public void Touch(string name, DateTime now)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(_path, name), now);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { } // it goes a little sooner
    }

    public void Dispose() => _lock.Dispose();

    private PieceHead? HeadOf(FileInfo file)
    {
        try
        {
            return file.Extension == StateFile.Unfinished ? null : StateFile.ReadHead(file.FullName, _binding, _keys);
        }
        catch (Exception) // one file: whatever it is, it is not what it must be
        {
            return null;
        }
    }
}
