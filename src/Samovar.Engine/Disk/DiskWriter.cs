using System.Threading.Channels;

namespace Samovar.Engine.Disk;

/// <summary>Writes pieces behind the engine's back, on a thread of its own, within a budget of bytes that wait.</summary>
/// <remarks>It first looks at what is there: nothing is written before the index knows what may have to go for it.</remarks>
internal sealed class DiskWriter : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1); // after a write that failed
    private readonly Channel<(DiskPiece Piece, NativeBytes Body)> _queue =
        Channel.CreateUnbounded<(DiskPiece, NativeBytes)>(new UnboundedChannelOptions { SingleReader = true }); // bounded by its bytes
    private readonly DiskFolder _folder;
    private readonly DiskIndex _index;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly long _bytesMax;
    private readonly ManualResetEventSlim _scanned = new();
    private readonly SemaphoreSlim _written = new(0);
    private readonly Thread _thread;
    private long _waiting;
    private long _failed = long.MinValue;
    private volatile bool _isStopping;

    public DiskWriter(DiskFolder folder, DiskIndex index, EngineMeters meters, TimeProvider time, long bytesMax)
    {
        (_folder, _index, _meters, _time, _bytesMax) = (folder, index, meters, time, bytesMax);
        _thread = new Thread(Run) { Name = "samovar-disk-write", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether a write failed lately.</summary>
    public bool IsResting => Interlocked.Read(ref _failed) is var at && at != long.MinValue && _time.GetElapsedTime(at) < Rest;

    /// <summary>Whether so many bytes may be handed over now.</summary>
    public bool HasRoom(long bytes) => !_isStopping && !IsResting
        && (Interlocked.Read(ref _waiting) is var waiting && (waiting == 0 || waiting + bytes <= _bytesMax)) && bytes <= _bytesMax;

    /// <summary>Waits until what is on the disk is known.</summary>
    public bool WaitForScan(TimeSpan most) => _scanned.Wait(most);

    /// <summary>Waits until so many bytes may be handed over.</summary>
    public bool WaitForRoom(long bytes, TimeSpan most)
    {
        var began = _time.GetTimestamp();
        while (!HasRoom(bytes))
            if (IsResting || _isStopping || bytes > _bytesMax || most - _time.GetElapsedTime(began) is not { Ticks: > 0 } left
                || !_written.Wait(left)) return false;
        return true;
    }

    /// <summary>Hands a piece over; its bytes are the writer's from now on.</summary>
    public void Add(DiskPiece piece, NativeBytes body)
    {
        Interlocked.Add(ref _waiting, body.Size);
        if (_queue.Writer.TryWrite((piece, body))) return;
        Interlocked.Add(ref _waiting, -body.Size);
        GiveUp(piece, body);
    }

    /// <summary>Only behind an <see cref="End"/> that was one.</summary>
    public void Dispose()
    {
        _scanned.Dispose();
        _written.Dispose();
    }

    /// <summary>Writes what waits, for so long at most, and ends. False where the disk still holds the thread.</summary>
    public bool End(TimeSpan most)
    {
        _queue.Writer.TryComplete();
        if (_thread.Join(most)) return true;
        _isStopping = true;
        return _thread.Join(most / 10); // the piece that is being written
    }

    private void Run()
    {
        Scan();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (_queue.Reader.TryRead(out var next))
            {
                if (_isStopping || IsResting) GiveUp(next.Piece, next.Body);
                else Write(next.Piece, next.Body);
                Interlocked.Add(ref _waiting, -next.Body.Size);
                _written.Release();
            }
    }

    private void Scan()
    {
        try
        {
            foreach (var piece in _folder.Scan(() => Interlocked.Increment(ref _meters.DiskRefused)))
            {
                if (_isStopping) break;
                _index.Add(piece);
                Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes);
            }
            Drop(_index.Reserve(0));
        }
        catch (Exception) // the folder: what is in it is not found, and for a while nothing is written
        {
            NoteFailure();
        }
        _scanned.Set();
    }

    private void Write(DiskPiece piece, NativeBytes body)
    {
        try
        {
            if (piece.IsGone || _index.Reserve(piece.Head.FileBytes) is not { } gone)
            {
                GiveUp(piece, body);
                return;
            }
            Drop(gone);
            _folder.Write(piece.Head, body);
            _index.Add(piece);
            Interlocked.Increment(ref _meters.DiskWrites);
            Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes);
            body.Dispose();
        }
        catch (Exception) // one piece: a disk that is full or away, or a fault of ours; the engine goes on without it
        {
            NoteFailure();
            _folder.TryDelete(piece.Head.Name + StateFile.Unfinished);
            GiveUp(piece, body);
        }
    }

    private void Drop(IReadOnlyList<DiskPiece>? gone)
    {
        foreach (var piece in gone ?? []) _folder.TryDelete(piece.Head.Name);
        if (gone is { Count: > 0 }) Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes);
    }

    private void NoteFailure()
    {
        Interlocked.Increment(ref _meters.DiskFailures);
        Interlocked.Exchange(ref _failed, _time.GetTimestamp());
    }

    private void GiveUp(DiskPiece piece, NativeBytes body)
    {
        _index.Remove(piece);
        body.Dispose();
    }
}
