using Microsoft.Extensions.Logging;

namespace Samovar.Compaction;

/// <summary>The keys of seals in a file, one line each: a name and 32 bytes as base64. The last one seals, all of them open.</summary>
/// <remarks>
/// Several servers may have one file, or copies of it: who has a key can open what it sealed. A line that is added is found without a
/// restart. Where the file can be neither read nor made, a key in memory takes its place, and the log says so.
/// </remarks>
internal sealed partial class SealKeyFile(string path, ILogger<SealKeyFile> logger) : ISealKeys
{
    private const int BytesMax = 1 << 20;
    private readonly Lock _gate = new();
    private readonly MemorySealKeys _memory = new();
    private IReadOnlyList<SealKey> _keys = [];
    private DateTime _writtenAt;
    private bool _isBroken;

    public SealKey Newest()
    {
        lock (_gate)
        {
            Refresh(makes: true);
            return _keys is [.., var newest] ? newest : _memory.Newest();
        }
    }

    public SealKey? Find(string name)
    {
        lock (_gate)
        {
            Refresh(makes: false);
            return _keys.FirstOrDefault(key => key.Name == name) ?? _memory.Find(name);
        }
    }

    /// <summary>Reads the file where it has changed; makes it where there is none.</summary>
    private void Refresh(bool makes)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                if (makes && !_isBroken) Write();
                return;
            }
            if (file.LastWriteTimeUtc == _writtenAt) return;
            if (file.Length > BytesMax) throw new InvalidDataException("It is too large.");
            (_keys, _writtenAt) = (Parse(File.ReadAllLines(path)), file.LastWriteTimeUtc);
            Warn();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (!_isBroken) Log.Broken(logger, path, exception.Message);
            _isBroken = true;
        }
    }

    private void Write()
    {
        var key = SealKey.Make();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var making = path + "." + key.Name; // whole before it has its name: another server may read it at once
        using (var file = new FileStream(making, Options()))
        using (var writer = new StreamWriter(file))
            writer.Write($"{key.Name} {Convert.ToBase64String(key.Bytes)}\n");
        try
        {
            File.Move(making, path, overwrite: false);
            Log.Made(logger, path);
        }
        catch (IOException) when (File.Exists(path)) // another one was first
        {
            File.Delete(making);
        }
        (_keys, _writtenAt) = (Parse(File.ReadAllLines(path)), new FileInfo(path).LastWriteTimeUtc);
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static List<SealKey> Parse(string[] lines)
    {
        var keys = new List<SealKey>();
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].AsSpan().Trim() is [] or ['#', ..]) continue;
            var bytes = new byte[SealKey.BytesCount];
            if (lines[at].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var name, var text]
                || !SealKey.IsName(name) || !Convert.TryFromBase64String(text, bytes, out var count) || count != bytes.Length)
                throw new InvalidDataException($"Line {at + 1} is not a name and 32 bytes as base64.");
            keys.Add(new SealKey(name, bytes));
        }
        return keys.Count > 0 ? keys : throw new InvalidDataException("It has no key.");
    }

    private void Warn()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & others) != 0) Log.Open(logger, path);
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Information, "The key that compactions are sealed with was made: {Path}")]
        public static partial void Made(ILogger logger, string path);

        [LoggerMessage(2102, LogLevel.Warning, "The keys of compactions in {Path} can be read by others; give it the mode 0600")]
        public static partial void Open(ILogger logger, string path);

        [LoggerMessage(2103, LogLevel.Error,
            "The keys of compactions in {Path} cannot be used ({Reason}): what is compacted now cannot be opened after a restart")]
        public static partial void Broken(ILogger logger, string path, string reason);
    }
}
