using System.Text;
using Microsoft.Extensions.Logging;

namespace Samovar.Compaction;

/// <summary>The keys of seals in a file, one line each: a name and 32 bytes as base64. The last one seals, all of them open.</summary>
/// <remarks>
/// Several servers may have one file, or copies of it: who has a key can open what it sealed. A line that is added is found without a
/// restart. A line that is none, such as one that is being written, hides no other. Where the file can be neither read nor made, or has no
/// key, a key in memory takes its place until it can, and the log says so. Only who needs the first key waits while another process makes
/// the file, for a bounded time; what is sealed already is opened meanwhile.
/// </remarks>
internal sealed partial class SealKeyFile(string path, TimeProvider time, ILogger<SealKeyFile> logger) : ISealKeys
{
    private const int BytesMax = 1 << 20;
    private const int TriesMax = 5;
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(2), HoldPause = TimeSpan.FromMilliseconds(20);
    private readonly Lock _gate = new(); // of what was read; nobody waits under it
    private readonly Lock _making = new(); // of who makes the file
    private readonly MemorySealKeys _memory = new();
    private IReadOnlyList<SealKey> _keys = [];
    private (DateTime At, long Bytes) _written;
    private volatile bool _isBroken;

    public SealKey Newest()
    {
        if (IsThere()) return NewestRead();
        lock (_making)
        {
            if (!IsThere()) Attempt(Write); // else another thread made it
        }
        return NewestRead();
    }

    public IReadOnlyList<SealKey> All()
    {
        var newest = Newest();
        lock (_gate) return _keys.Count > 0 ? [.. _keys.Reverse()] : [newest];
    }

    public IReadOnlyList<SealKey> Find(string name)
    {
        IsThere();
        lock (_gate) return [.. _keys.Reverse().Where(key => key.Name == name), .. _memory.Find(name)];
    }

    private SealKey NewestRead()
    {
        lock (_gate) return _keys is [.., var newest] ? newest : _memory.Newest();
    }

    /// <summary>Whether there is a file, which is read where it has changed.</summary>
    private bool IsThere()
    {
        var isThere = true; // where that cannot be found out, nothing is made
        Attempt(() =>
        {
            lock (_gate) isThere = Look();
        });
        return isThere;
    }

    private void Attempt(Action act)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                act();
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                if (!_isBroken && tries < TriesMax) continue; // others that begin now may be making it
                Break(exception.Message);
                return;
            }
            catch (TimeoutException held)
            {
                Break(held.Message);
                return;
            }
        }
    }

    private void Break(string reason)
    {
        if (!_isBroken) Log.Broken(logger, path, reason);
        _isBroken = true;
    }

    /// <returns>Whether there is a file.</returns>
    private bool Look()
    {
        var file = new FileInfo(path);
        if (!file.Exists) return false;
        if ((file.LastWriteTimeUtc, file.Length) == _written) return true;
        if (file.Length > BytesMax) throw new InvalidDataException("It is too large.");
        Read();
        Warn();
        return true;
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
        lock (_gate) Read();
    }

    /// <summary>Keeps others from making the file: a move without overwriting only looks first, so the last of them would win.</summary>
    /// <remarks>Who comes late finds the file made, also where its lock is of a name that is gone already.</remarks>
    /// <exception cref="TimeoutException">Another process has the lock and does not give it back.</exception>
    private FileStream Hold()
    {
        var since = time.GetTimestamp();
        while (true)
        {
            if (TryHold() is { } held) return held;
            if (_isBroken || time.GetElapsedTime(since) >= HoldMax) // who has waited once does not wait each time
                throw new TimeoutException($"Another process holds {path}.lock.");
            Task.Delay(HoldPause, time).GetAwaiter().GetResult();
        }
    }

    private FileStream? TryHold()
    {
        var name = path + ".lock";
        try
        {
            return new FileStream(name, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(name))
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
