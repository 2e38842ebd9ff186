using System.Threading.Channels;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Writes and deletes pieces behind the engine's back, on a thread of its own, within a budget of bytes that wait.</summary>
/// <remarks>It first opens the folder, and looks at what is there: nothing is written before the index knows what may have to go for it.
/// Where the folder cannot be used it is tried again: a disk that is away at the start, or another server that has it, keeps nobody out for
/// longer than that.</remarks>
internal sealed class DiskWriter : IDisposable
{
    private readonly Channel<DiskTask> _queue =
        Channel.CreateUnbounded<DiskTask>(new UnboundedChannelOptions { SingleReader = true }); // bounded by its bytes
    private readonly EngineOptions _options;
    private readonly Func<DiskFolder> _open;
    private readonly DiskIndex _index;
    private readonly StateLayout? _layout;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly ManualResetEventSlim _scanned = new();
    private readonly SemaphoreSlim _written = new(0);
    private readonly Thread _thread;
    private volatile DiskFolder? _folder;
    private long _waiting;
    private long _bytesMax;
    private volatile bool _isStopping;

    public DiskWriter(EngineOptions options, Func<DiskFolder> open, DiskIndex index, StateLayout? layout, EngineMeters meters,
        TimeProvider time)
    {
        (_options, _open, _index, _layout, _meters, _time) = (options, open, index, layout, meters, time);
        Health = new DiskHealth(time, options.DiskRetryDelay, meters);
        _thread = new Thread(Run) { Name = "samovar-disk-write", IsBackground = true };
        _thread.Start();
    }

    public DiskHealth Health { get; }

    /// <summary>What all files may take.</summary>
    public long BytesMax => Interlocked.Read(ref _bytesMax);

    /// <summary>Whether so many bytes may be handed over now.</summary>
    public bool HasRoom(long bytes) => !_isStopping && _folder is not null && !Health.IsResting
        && Interlocked.Read(ref _waiting) is var waiting && (waiting == 0 || waiting + bytes <= _options.DiskQueueBytesMax);

    /// <summary>Whether what is on the disk is known, and can be read.</summary>
    public bool IsOpen => _folder is not null;

    /// <summary>Waits until what is on the disk is known.</summary>
    public bool WaitForScan(TimeSpan most) => _scanned.Wait(most);

    /// <summary>Waits until so many bytes may be handed over.</summary>
    public bool WaitForRoom(long bytes, TimeSpan most)
    {
        var began = _time.GetTimestamp();
        while (!HasRoom(bytes))
            if (Health.IsResting || _isStopping || _folder is null || most - _time.GetElapsedTime(began) is not { Ticks: > 0 } left
                || !_written.Wait(left)) return false;
        return true;
    }

    /// <summary>Hands a piece over; its bytes are the writer's from now on.</summary>
    public void Add(DiskPiece piece, NativeBytes body)
    {
        Interlocked.Add(ref _waiting, body.Size);
        if (_queue.Writer.TryWrite(new DiskTask.Write(piece, body))) return;
        Interlocked.Add(ref _waiting, -body.Size);
        GiveUp(piece, body);
    }

    /// <summary>A response is gone, and with it what nobody else needs.</summary>
    public void Forget(string scope, string id) => _queue.Writer.TryWrite(new DiskTask.Forget(scope, id));

    /// <summary>Tokens and state of a piece; null where its file is not what it must be. The reader's thread.</summary>
    /// <exception cref="IOException">The disk does not say what is in it.</exception>
    public NativeBytes? Read(DiskPiece piece) => (_folder ?? throw new IOException("The folder is not open.")).Read(piece);

    public void Touch(string name) => _folder?.Touch(name, _time.GetUtcNow().UtcDateTime);

    /// <summary>A piece is no longer there, nor its file, where that is not another's.</summary>
    public void Remove(DiskPiece piece)
    {
        if (_index.Remove(piece)) _folder?.TryDelete(piece.Head.Name);
        Count();
    }

    /// <summary>Only behind an <see cref="End"/> that was one.</summary>
    public void Dispose()
    {
        _scanned.Dispose();
        _written.Dispose();
        _folder?.Dispose();
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
        Open();
        var more = MoreAsync();
        while (Wait(more))
        {
            if (!more.GetAwaiter().GetResult()) break;
            while (_queue.Reader.TryRead(out var task)) Do(task);
            more = MoreAsync();
        }
    }

    private Task<bool> MoreAsync() => _queue.Reader.WaitToReadAsync().AsTask();

    /// <summary>Waits for a task; meanwhile a folder that could not be opened is tried again.</summary>
    private bool Wait(Task<bool> more)
    {
        while (_folder is null && !_isStopping)
        {
            try
            {
                more.WaitAsync(Health.RestLeft, _time).GetAwaiter().GetResult();
                return true;
            }
            catch (TimeoutException) { Open(); }
        }
        return true;
    }

    private void Do(DiskTask task)
    {
        switch (task)
        {
            case DiskTask.Write write:
                if (_isStopping || Health.IsResting || _folder is not { } folder) GiveUp(write.Piece, write.Body);
                else Write(folder, write.Piece, write.Body);
                Interlocked.Add(ref _waiting, -write.Body.Size);
                _written.Release();
                break;
            case DiskTask.Forget forget:
                Forget(_index.Uses.Forget(forget.Scope, forget.Id));
                break;
        }
    }

    private void Open()
    {
        DiskFolder? folder = null;
        try
        {
            folder = _open();
            foreach (var piece in folder.Scan(() => Interlocked.Increment(ref _meters.DiskRefused)))
            {
                if (_isStopping) break;
                _index.Add(piece);
                Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes);
            }
            if (_isStopping) // what is not known must not be taken for what is not there: all stays as it is
            {
                folder.Dispose();
                _scanned.Set();
                return;
            }
            DiskUsesReading.Read(folder.Journal.Read(), _index);
            Interlocked.Exchange(ref _bytesMax, DiskRoom.Of(_options, folder.Path, _index.Bytes));
            folder.Journal.TierBytesMax = BytesMax;
            _folder = folder;
            foreach (var piece in _index.TakeUnowned()) folder.TryDelete(piece.Head.Name);
            folder.Journal.Write(_index.Uses.TakeAll());
            Forget(_index.UsedInPart());
            Health.Worked();
        }
        catch (Exception exception) // the folder: nothing of it is found, and for a while nothing is written
        {
            Health.Failed(exception.Message);
            if (_folder is null) folder?.Dispose();
        }
        Count();
        _scanned.Set();
    }

    private void Write(DiskFolder folder, DiskPiece piece, NativeBytes body)
    {
        try
        {
            if (piece.IsGone || _index.Uses.NeededUntil(piece) == 0 || !Reserve(folder, piece.Head.FileBytes))
            {
                GiveUp(piece, body);
                return;
            }
            folder.Write(piece, body);
            _index.Add(piece);
            Health.Worked();
            Interlocked.Increment(ref _meters.DiskWrites);
            body.Dispose();
        }
        catch (Exception exception) // one piece: a disk that is full or away, or a fault of ours; the engine goes on without it
        {
            Health.Failed(exception.Message);
            NotWritten(folder, piece);
            body.Dispose();
        }
        Count();
    }

    private bool Reserve(DiskFolder folder, long bytes)
    {
        folder.Journal.Note(_index.Uses, isUrgent: true); // whose it is must be known when it is there, and takes room itself
        var said = folder.Journal.Bytes;
        var most = Math.Max(0, DiskRoom.Now(folder.Path, BytesMax, _index.Bytes + said, _options.DiskFreeMin) - said);
        Drop(folder, _index.Reserve(bytes, most) ?? _index.Reserve(0, most)); // one that is too large makes no room for itself
        return _index.Bytes + bytes <= most;
    }

    /// <summary>Deletes what nobody needs now, and cuts what others need the front of. That it is not needed is written down before: a
    /// process that dies between the two does not forget it.</summary>
    private void Forget(IReadOnlyList<DiskPiece> touched)
    {
        try
        {
            _folder?.Journal.Note(_index.Uses, isUrgent: touched.Count > 0);
        }
        catch (Exception exception) // the files go all the same
        {
            Health.Failed(exception.Message);
        }
        foreach (var piece in touched) Shorten(piece);
        if (_folder is { } folder) Drop(folder, _index.Reserve(0, Math.Max(0, BytesMax - folder.Journal.Bytes))); // it has grown
        Count();
    }

    private void Shorten(DiskPiece piece)
    {
        try
        {
            var until = _index.Uses.NeededUntil(piece);
            if (until >= piece.Head.End) return;
            if (until > piece.Head.Start && piece.Head.IsRows && _folder is { } folder) Cut(folder, piece, until);
        }
        catch (Exception exception) // one file: then it goes as a whole, and others compute again what they had of it
        {
            Health.Failed(exception.Message);
        }
        Remove(piece);
    }

    private void Cut(DiskFolder folder, DiskPiece piece, int until)
    {
        if (!piece.IsWritten || _layout is not { } layout || folder.Read(piece) is not { } body) return;
        using (body)
        {
            var cut = StateBody.CutAt(piece, body, until);
            var front = _index.Claim(cut, piece.Keys, piece.LastUsed);
            _index.Uses.Move(piece, front);
            if (ReferenceEquals(front.Head, cut)) WriteFront(folder, piece, front, body, layout); // else it is there, or on its way
        }
    }

    private void WriteFront(DiskFolder folder, DiskPiece piece, DiskPiece front, NativeBytes body, StateLayout layout)
    {
        try
        {
            using var cut = StateBody.Front(piece.Head, body, front.Head, layout);
            folder.Journal.Note(_index.Uses, isUrgent: true);
            folder.Write(front, cut);
            _index.Add(front);
        }
        catch
        {
            NotWritten(folder, front);
            throw;
        }
    }

    /// <summary>What a write that failed left behind goes: else the next one who has the same would take it for written.</summary>
    private void NotWritten(DiskFolder folder, DiskPiece piece)
    {
        folder.Journal.Doubt();
        folder.TryDelete(piece.Head.Name + StateFile.Unfinished);
        Remove(piece);
    }

    private static void Drop(DiskFolder folder, IReadOnlyList<DiskPiece>? gone)
    {
        foreach (var piece in gone ?? []) folder.TryDelete(piece.Head.Name);
    }

    private void Count() => Interlocked.Exchange(ref _meters.DiskBytes, _index.Bytes + (_folder?.Journal.Bytes ?? 0));

    private void GiveUp(DiskPiece piece, NativeBytes body)
    {
        Remove(piece);
        body.Dispose();
    }
}
