using System.Threading.Channels;

namespace Samovar.Engine.Disk;

/// <summary>Reads pieces for turns that wait for them, on a thread of its own, one turn's after the other's.</summary>
internal sealed class DiskReader
{
    private readonly Channel<DiskRead> _queue = Channel.CreateUnbounded<DiskRead>(
        new UnboundedChannelOptions { SingleReader = true }); // bounded by the turns that wait
    private readonly DiskFolder _folder;
    private readonly DiskIndex _index;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly Thread _thread;

    public DiskReader(DiskFolder folder, DiskIndex index, EngineMeters meters, TimeProvider time, Action wake)
    {
        (_folder, _index, _meters, _time, _wake) = (folder, index, meters, time, wake);
        _thread = new Thread(Run) { Name = "samovar-disk-read", IsBackground = true };
        _thread.Start();
    }

    public void Add(DiskRead read)
    {
        if (!_queue.Writer.TryWrite(read)) read.End([]);
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
        var found = new List<(DiskPiece Piece, NativeBytes Body)>();
        try
        {
            foreach (var piece in read.Plan.Pieces)
            {
                if (read.IsLeft || ReadOne(piece, read.Path) is not { } body) break;
                found.Add((piece, body));
                _folder.Touch(piece.Head.Name, _time.GetUtcNow().UtcDateTime);
            }
            _index.Touch(found.Select(part => part.Piece), _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception) // one turn's: out of memory, or a fault of ours; it goes on with what there is
        {
            Interlocked.Increment(ref _meters.DiskFailures);
        }
        read.End(found);
    }

    private NativeBytes? ReadOne(DiskPiece piece, PathHashes path)
    {
        var body = piece.IsGone ? null : _folder.Read(piece.Head);
        if (body is not null && StateBody.Common(piece.Head, body, path.Tokens) is var common
            && (piece.Head.IsRows ? common > 0 : common == piece.Head.End))
        {
            Interlocked.Increment(ref _meters.DiskReads);
            return body;
        }
        body?.Dispose();
        if (piece.IsGone) return null; // it made room for others meanwhile
        _index.Remove(piece);
        _folder.TryDelete(piece.Head.Name);
        Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes);
        Interlocked.Increment(ref _meters.DiskRefused);
        return null;
    }
}

/// <summary>What a turn waits for from the disk.</summary>
internal sealed class DiskRead(DiskPlan plan, PathHashes path)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<(DiskPiece Piece, NativeBytes Body)>? _found;
    private bool _isLeft;

    public DiskPlan Plan => plan;

    public PathHashes Path => path;

    public bool IsDone { get { lock (_gate) return _found is not null; } }

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsLeft { get { lock (_gate) return _isLeft; } }

    /// <summary>What was found, in the plan's order; it ends before the first piece that could not be used.</summary>
    public IReadOnlyList<(DiskPiece Piece, NativeBytes Body)> Take()
    {
        lock (_gate) return _found ?? [];
    }

    public void End(IReadOnlyList<(DiskPiece Piece, NativeBytes Body)> found)
    {
        lock (_gate)
        {
            _found = _isLeft ? [] : found;
            if (!_isLeft) return;
        }
        foreach (var (_, body) in found) body.Dispose();
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Leave()
    {
        IReadOnlyList<(DiskPiece Piece, NativeBytes Body)> found;
        lock (_gate)
        {
            _isLeft = true;
            found = _found ?? [];
            if (_found is not null) _found = [];
        }
        foreach (var (_, body) in found) body.Dispose();
    }
}
