using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>A file of an agent, read whole and replaced whole.</summary>
/// <remarks>
/// Users and agents go on writing to it. So what is kept beside it is what it would be without us, and that is made anew whenever it is
/// connected again; what somebody writes while we ask is never written over.
/// </remarks>
internal sealed class ConnectFile
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly KeptCopies _copies;
    private readonly UnixFileMode? _mode;
    private FileState _there;

    private ConnectFile(string path, string target)
    {
        (Path, Target, Now) = (path, target, FileState.Read(target));
        _there = Now;
        _mode = Now.Exists ? ModeOf(target) : null;
        _copies = new KeptCopies(path, target);
        Kept = _copies.Find(Now);
    }

    public string Path { get; }

    /// <summary>Where it lies, behind the links that lead there.</summary>
    public string Target { get; }

    /// <summary>What it was when it was read.</summary>
    public FileState Now { get; }
    public string Text => Now.Text;
    public bool Exists => Now.Exists;

    /// <summary>Null where it was not connected.</summary>
    public Kept? Kept { get; }

    /// <exception cref="UsageException">It cannot be read, or is nothing that can be edited.</exception>
    public static ConnectFile Read(string path)
    {
        try
        {
            var isLink = new FileInfo(path).LinkTarget is not null;
            var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : path;
            if (Directory.Exists(target)) throw new UsageException($"{path} is a folder, not a file.");
            return new ConnectFile(path, target);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {fault.Message}");
        }
    }

    /// <summary>Whether something is kept of a file, wherever links lead from it now.</summary>
    public static bool IsConnected(string path) => new KeptCopies(path).Any;

    /// <summary>Whether it is just what was written when it was connected.</summary>
    public bool IsUntouched => Exists && Now.Digest == Kept?.Digest;

    /// <summary>Whether there is nothing in it but ours and what was there before the first connecting.</summary>
    public bool IsOursAlone => IsUntouched && (Kept!.Written ?? Text) == Text;

    /// <summary>What it would be if it had not been connected: to the byte where nobody has written to it since.</summary>
    /// <exception cref="UsageException">Its text cannot be read.</exception>
    public FileState Without(FileEdit edit)
    {
        if (Kept is null) return Now;
        if (!Exists || IsUntouched) return Kept.Before;
        var text = edit.Revert(Text, Kept.Before.Text, Kept.Written);
        return !Kept.Before.Exists && edit.IsNothing(text) ? FileState.None : Now.With(text);
    }

    /// <exception cref="UsageException">It may not be written.</exception>
    public void CheckWritable()
    {
        if (Exists && new FileInfo(Target).IsReadOnly) throw new UsageException($"{Path} is read-only: nothing was changed.");
    }

    /// <summary>Keeps what it would be without us, then replaces it. Nobody else may read it.</summary>
    /// <param name="without">What it would be without us.</param>
    /// <param name="written">The same with ours in it.</param>
    /// <exception cref="UsageException">It cannot be written; it is as it was.</exception>
    public void Write(string text, FileState without, string written) => Guarded(() =>
    {
        foreach (var path in (string[])[Path, Target]) MakeFolder(System.IO.Path.GetDirectoryName(path)!);
        var next = Now.With(text);
        var isWritten = false;
        try
        {
            _copies.Add(next.Digest, without, written, BeforeMode);
            Replace(next, null);
            isWritten = true;
        }
        finally { if (!isWritten) Forget(next.Digest); }
    });

    /// <summary>All files of the agent are written: what was kept for earlier texts goes.</summary>
    public void Settle() => Quietly(() => _copies.KeepOnly(digest => digest == _there.Digest));

    /// <summary>Makes it what it was when it was read: another file of the same agent could not be written. Where that cannot be done, what
    /// is kept says what was written.</summary>
    public void TakeBack() => Quietly(() =>
    {
        var digest = _there.Digest;
        Replace(Now, _mode);
        Forget(digest);
    });

    /// <summary>Makes it what it would be without us, and forgets that it was connected.</summary>
    /// <exception cref="UsageException">It cannot be written; it is as it was.</exception>
    public void Restore(FileState without) => Guarded(() =>
    {
        Replace(without, IsUntouched || !Exists ? BeforeMode : _mode);
        _copies.KeepOnly(static _ => false);
    });

    /// <summary>Who could read it before it was first connected.</summary>
    private UnixFileMode? BeforeMode => Kept is null ? _mode : Kept.Before.Exists ? ModeOf(Kept.Path) : null;

    private void Forget(string digest)
    {
        if (Kept?.Digest == digest) _copies.Add(digest, Kept.Before, Kept.Written, BeforeMode); // the same text was written before
        else _copies.KeepOnly(one => one != digest);
    }

    private void Replace(FileState next, UnixFileMode? mode)
    {
        if (!FileState.Read(Target).IsSame(_there))
            throw new UsageException($"{Path} has been changed meanwhile: what is in it now was left alone. Try it again.");
        if (next.Exists) next.WriteTo(Target, mode);
        else if (_there.Exists) File.Delete(Target);
        _there = next;
    }

    private void Guarded(Action write)
    {
        try { write(); }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{Path} cannot be written: {fault.Message}");
        }
    }

    private static void Quietly(Action write)
    {
        try { write(); }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or UsageException) { }
    }

    private static UnixFileMode? ModeOf(string path) => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerFolder);
    }
}
