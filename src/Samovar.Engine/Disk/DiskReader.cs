using System.Threading.Channels;

namespace Samovar.Engine.Disk;

/// <summary>Reads pieces for turns that wait for them or come soon, on a thread of its own, one turn's after the other's.</summary>
internal sealed class DiskReader
{
    private readonly Channel<DiskRead> _queue = Channel.CreateUnbounded<DiskRead>(
        new UnboundedChannelOptions { SingleReader = true }); // bounded by the turns that wait, and those that are announced
    private readonly DiskWriter _files;
    private readonly DiskIndex _index;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly Thread _thread;

    public DiskReader(DiskWriter files, DiskIndex index, DiskHealth health, EngineMeters meters, TimeProvider time, Action wake)
    {
        (_files, _index, Health, _meters, _time, _wake) = (files, index, health, meters, time, wake);
        Pace = new DiskPace(time);
        _thread = new Thread(Run) { Name = "samovar-disk-read", IsBackground = true };
        _thread.Start();
    }

    public DiskHealth Health { get; }

    /// <summary>Whether it may be asked. While the folder is looked at, pieces are found that cannot be read yet: no fault.</summary>
    public bool IsReady => _files.IsOpen && !Health.IsResting;

    /// <summary>How fast it reads.</summary>
    public DiskPace Pace { get; }

    public void Add(DiskRead read)
    {
        if (!_queue.Writer.TryWrite(read)) read.End();
    }

    /// <summary>Ends with what it reads now. False where the disk still holds the thread.</summary>
    public bool End(TimeSpan most)
    {
        _queue.Writer.TryComplete();
        return _thread.Join(most);
    }

    private void Run()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (_queue.Reader.TryRead(out var read))
            {
                Read(read);
                _wake();
            }
    }

    private void Read(DiskRead read)
    {
        try
        {
            foreach (var piece in read.Plan.Pieces)
            {
                if (read.IsLeft || Health.IsResting || ReadOne(piece, read.Path) is not { } body) break;
                _files.Touch(piece.Head.Name);
                _index.Touch([piece], _time.GetUtcNow().UtcDateTime);
                if (!read.Offer(piece, body)) break;
                _wake();
            }
        }
        catch (Exception exception) // one turn's: a disk that cannot be read, out of memory, or a fault of ours; what was read is there
        {
            Health.Failed(exception.Message);
        }
        read.End();
    }

    private NativeBytes? ReadOne(DiskPiece piece, PromptHashes path)
    {
        var began = _time.GetTimestamp();
        var body = piece.IsGone ? null : _files.Read(piece);
        if (body is not null && StateBody.Until(piece.Head, body, path.Tokens) is var until
            && (piece.Head.IsRows ? until > piece.Head.Start : until == piece.Head.End))
        {
            Pace.Took(piece.Head.FileBytes, _time.GetElapsedTime(began));
            Health.Worked();
            Interlocked.Increment(ref _meters.DiskReads);
            return body;
        }
        body?.Dispose();
        if (piece.IsGone) return null; // it made room for others meanwhile
        _files.Remove(piece);
        Interlocked.Increment(ref _meters.DiskRefused);
        return null;
    }
}

/// <summary>How fast the disk reads, of late. Safe for all threads.</summary>
internal sealed class DiskPace(TimeProvider time)
{
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1); // then it is found out again
    private const double NewShare = 0.5;
    private readonly Lock _gate = new();
    private double _bytesPerSecond;
    private long _at;

    public void Took(long bytes, TimeSpan took)
    {
        if (took <= TimeSpan.Zero) return;
        var now = bytes / took.TotalSeconds;
        lock (_gate)
        {
            _bytesPerSecond = _bytesPerSecond == 0 ? now : _bytesPerSecond + NewShare * (now - _bytesPerSecond);
            _at = time.GetTimestamp();
        }
    }

    /// <summary>How long so many bytes would take; zero where that is not known.</summary>
    public double Seconds(long bytes)
    {
        lock (_gate) return _bytesPerSecond == 0 || time.GetElapsedTime(_at) > KnownFor ? 0 : bytes / _bytesPerSecond;
    }
}
