using System.Text;
using Microsoft.Extensions.Logging;

namespace Samovar.Compaction;

/// <summary>The keys of seals in a file, one line each: a name and 32 bytes as base64. The last one seals, all of them open.</summary>
/// <remarks>
/// Several servers may have one file, or copies of it: who has a key can open what it sealed. A line that is added is found without a
/// restart. A line that is none, such as one that is being written, hides no other. Where the file can be neither read nor made, or has no
/// key, a key in memory takes its place until it can, and the log says so.
/// </remarks>
internal sealed partial class SealKeyFile(string path, ILogger<SealKeyFile> logger) : ISealKeys
{
    private const int BytesMax = 1 << 20;
    private const int TriesMax = 5;
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(2);
    private readonly Lock _gate = new();
    private readonly MemorySealKeys _memory = new();
    private IReadOnlyList<SealKey> _keys = [];
    private (DateTime At, long Bytes) _written;
    private bool _isBroken;

    public SealKey Newest()
    {
        lock (_gate)
        {
            Refresh(makes: true);
            return _keys is [.., var newest] ? newest : _memory.Newest();
        }
    }

    public IReadOnlyList<SealKey> Find(string name)
    {
        lock (_gate)
        {
            Refresh(makes: false);
            return [.. _keys.Reverse().Where(key => key.Name == name), .. _memory.Find(name)];
        }
    }

    /// <summary>Reads the file where it has changed; makes it where there is none.</summary>
    private void Refresh(bool makes)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                Look(makes);
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                if (!_isBroken && tries < TriesMax) continue; // others that begin now may be making it
                if (!_isBroken) Log.Broken(logger, path, exception.Message);
                _isBroken = true;
                return;
            }
        }
    }

    private void Look(bool makes)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            if (makes) Write();
            return;
        }
        if ((file.LastWriteTimeUtc, file.Length) == _written) return;
        if (file.Length > BytesMax) throw new InvalidDataException("It is too large.");
        Read();
        Warn();
    }

    private void Read()
    {
        var file = new FileInfo(path);
        var keys = Parse(File.ReadAllLines(path), out var faulty);
        if (keys.Count == 0) throw new InvalidDataException(faulty > 0 ? Reason(faulty) : "It has no key.");
        if (faulty > 0) Log.Line(logger, path, Reason(faulty));
        (_keys, _written, _isBroken) = (keys, (file.LastWriteTimeUtc, file.Length), false);
    }

    private void Write()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (Hold())
        {
            if (!File.Exists(path)) Publish(SealKey.Make()); // otherwise another server was first
        }
        Read();
    }

    /// <summary>Keeps others from making the file: a move without overwriting only looks first, so the last of them would win.</summary>
    /// <remarks>Who comes late finds the file made, also where its lock is of a name that is gone already.</remarks>
    private FileStream Hold()
    {
        FileStream? held = null;
        SpinWait.SpinUntil(() => (held = TryHold(isLast: false)) is not null, HoldMax);
        return held ?? TryHold(isLast: true)!;
    }

    private FileStream? TryHold(bool isLast)
    {
        var name = path + ".lock";
        try
        {
            return new FileStream(name, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (!isLast && File.Exists(name))
        {
            return null;
        }
    }

    private void Publish(SealKey key)
    {
        var making = path + "." + key.Name; // whole before it has its name: another server may read it at once
        try
        {
            using (var file = new FileStream(making, Options()))
            {
                file.Write(Encoding.ASCII.GetBytes($"{key.Name} {Convert.ToBase64String(key.Bytes)}\n"));
                file.Flush(flushToDisk: true); // its name must not outlive its content
            }
            File.Move(making, path, overwrite: false);
            Log.Made(logger, path);
        }
        catch (IOException)
        {
            File.Delete(making);
            throw;
        }
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static string Reason(int line) => $"Line {line} is not a name and 32 bytes as base64.";

    /// <param name="lines">Those of the file.</param>
    /// <param name="faulty">The first line that is none of a key, from 1; 0 where all are.</param>
    private static List<SealKey> Parse(string[] lines, out int faulty)
    {
        var keys = new List<SealKey>();
        faulty = 0;
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].AsSpan().Trim() is [] or ['#', ..]) continue;
            if (KeyOf(lines[at]) is { } key) keys.Add(key);
            else if (faulty == 0) faulty = at + 1;
        }
        return keys;
    }

    private static SealKey? KeyOf(string line)
    {
        var bytes = new byte[SealKey.BytesCount];
        return line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var name, var text]
            && SealKey.IsName(name) && Convert.TryFromBase64String(text, bytes, out var count) && count == bytes.Length
            ? new SealKey(name, bytes) : null;
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

        [LoggerMessage(2104, LogLevel.Error, "A line of the keys of compactions in {Path} cannot be used ({Reason}); the others are")]
        public static partial void Line(ILogger logger, string path, string reason);
    }
}
