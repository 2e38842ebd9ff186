namespace Samovar.Engine.Disk;

/// <summary>The folder of one model's state files: one engine's at a time.</summary>
internal sealed class DiskFolder : IDisposable
{
    private const string LockName = "lock";
    private static readonly string[] Endings = [".rows", ".point", StateFile.Unfinished];
    private readonly FileStream _lock;
    private readonly byte[] _binding;
    private readonly DiskKeyRing _ring;

    /// <exception cref="IOException">It cannot be made, or another engine has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be used.</exception>
    public DiskFolder(string path, byte[] binding, DiskKeyRing ring)
    {
        (Path, _binding, _ring) = (path, binding, ring);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Journal = new DiskJournal(path, binding, ring);
    }

    public string Path { get; }

    /// <summary>Who needs which files.</summary>
    public DiskJournal Journal { get; }

    /// <summary>The pieces that are there, the newest first. Whatever cannot be used is deleted.</summary>
    /// <param name="refused">A file was deleted.</param>
    public IEnumerable<DiskPiece> Scan(Action refused)
    {
        foreach (var file in new DirectoryInfo(Path).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList())
        {
            if (!Endings.Contains(file.Extension, StringComparer.Ordinal)) continue;
            if (HeadOf(file) is var (head, keys)) yield return new DiskPiece(head, keys, file.LastWriteTimeUtc);
            else if (TryDelete(file.Name)) refused();
        }
    }

    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(DiskPiece piece, NativeBytes body) => StateFile.Write(Path, piece.Head, body, _binding, piece.Keys);

    /// <summary>Tokens and state of a piece; null where its file is not what it must be.</summary>
    /// <exception cref="IOException">The disk does not say what is in it: the file may be all right.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public NativeBytes? Read(DiskPiece piece)
    {
        try
        {
            return StateFile.Read(System.IO.Path.Combine(Path, piece.Head.Name), piece.Head, _binding, piece.Keys);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            return null;
        }
    }

    public bool TryDelete(string name)
    {
        try
        {
            File.Delete(System.IO.Path.Combine(Path, name));
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
            File.SetLastWriteTimeUtc(System.IO.Path.Combine(Path, name), now);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { } // it goes a little sooner
    }

    public void Dispose()
    {
        Journal.Dispose();
        _lock.Dispose();
    }

    private (PieceHead Head, DiskKeys Keys)? HeadOf(FileInfo file)
    {
        try
        {
            return file.Extension == StateFile.Unfinished ? null : StateFile.ReadHead(file.FullName, _binding, _ring);
        }
        catch (Exception) // one file: whatever it is, it is not what it must be
        {
            return null;
        }
    }
}
