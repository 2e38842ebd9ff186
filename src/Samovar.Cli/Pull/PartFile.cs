using Samovar.Engine;

namespace Samovar.Cli.Pull;

/// <summary>
/// A file while it is downloaded: what came lies in <c>NAME.part</c>, what it is of in <c>NAME.part.of</c>. It gets its name when it is
/// whole.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private const string Ending = ".part", ContentEnding = Ending + ".of";
    private const int OpenTriesMax = 3;
    private readonly string _path;
    private readonly FileStream _file;
    private bool _isOver;

    private PartFile(string path, FileStream file)
    {
        (_path, _file) = (path, file);
        if (File.Exists(path + ContentEnding)) Content = File.ReadAllText(path + ContentEnding);
    }

    /// <summary>Bytes that are there.</summary>
    public long Bytes => _file.Length;

    /// <param name="path">The name it gets in the end.</param>
    /// <exception cref="PullException">Another one is at it, or nothing can be written there.</exception>
    public static PartFile Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            for (var tries = 1; ; tries++)
            {
                var file = new FileStream(path + Ending, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (!File.Exists(path + Ending) && tries < OpenTriesMax)
                {
                    file.Dispose(); // another one was just done with it: this is what has the name now
                    continue;
                }
                file.Seek(0, SeekOrigin.End);
                return new PartFile(path, file);
            }
        }
        catch (IOException) when (File.Exists(path + Ending) && !Directory.Exists(path + Ending))
        {
            throw new PullException($"{path}{Ending} is in use: is the same model being pulled already?");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PullException($"{path} cannot be written: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    /// <summary>Whose content it is: a hash, or a strong tag as it stands in its header; null where nobody knows.</summary>
    public string? Content { get; private set; }

    /// <summary>Begins again, with what shall be known of the content.</summary>
    public void Begin(string? content)
    {
        _file.SetLength(0);
        Content = content;
        if (content is null) File.Delete(_path + ContentEnding);
        else File.WriteAllText(_path + ContentEnding, content);
    }

    public ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken userGone) => _file.WriteAsync(bytes, userGone);

    /// <summary>Bytes that the disk has left; null where that is not known.</summary>
    public long? DiskBytesFree => DiskBytesFreeAt(_path);

    /// <summary>The same of the disk that a path will be on.</summary>
    public static long? DiskBytesFreeAt(string path)
    {
        var folder = new FileInfo(path).Directory;
        while (folder is { Exists: false, Parent: { } above }) folder = above; // what is not there yet has no disk
        try { return folder is null ? null : new DriveInfo(folder.FullName).AvailableFreeSpace; }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException) { return null; }
    }

    /// <summary>Bytes of a file that came before, and may be gone on with.</summary>
    public static long BytesAt(string path) => new FileInfo(path + Ending) is { Exists: true } part ? part.Length : 0;

    /// <returns>In lower-case hex.</returns>
    public Task<string> HashAsync(Action<long> read, CancellationToken userGone)
    {
        _file.Seek(0, SeekOrigin.Begin);
        return ContentHash.OfAsync(_file, read, userGone);
    }

    /// <summary>Why it is no model: <c>is empty</c>; null where it looks like one.</summary>
    public string? Fault()
    {
        _file.Seek(0, SeekOrigin.Begin);
        return GgufFile.FaultOf(_file);
    }

    /// <summary>It is whole: it gets its name.</summary>
    public void Finish()
    {
        _isOver = true;
        _file.Flush(flushToDisk: true); // its name must not outlive its content
        File.Move(_path + Ending, _path, overwrite: true);
        File.Delete(_path + ContentEnding);
    }

    /// <summary>It is not what it should be.</summary>
    public void Discard()
    {
        _isOver = true; // what has that name from now on is another's
        File.Delete(_path + Ending);
        File.Delete(_path + ContentEnding);
    }

    public void Dispose()
    {
        if (!_isOver && _file.Length == 0) Discard(); // nothing came
        _file.Dispose();
    }
}
