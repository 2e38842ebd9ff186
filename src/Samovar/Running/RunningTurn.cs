using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>A turn that may outlive its reader: its events, how far it is, and who reads it.</summary>
/// <remarks>
/// A background turn goes on whoever reads it. Another goes on while a connection is attached, and for
/// <see cref="ReplayOptions.OrphanGrace"/> after the last one left.
/// </remarks>
internal sealed class RunningTurn(ReplayOwner owner, ResponseId id, ReplayLog log, ReplayOptions options, TimeProvider time)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelled = new(); // never disposed: no timer, no link
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<RawJson> _items = []; // those that are done
    private LoggedEvent _newest; // a snapshot
    private TurnHandle? _handle;
    private ITimer? _grace;
    private TaskCompletionSource<RunningTurn?>? _next;
    private bool _isNextKnown;
    private int _attached;
    private bool _isOver;
    private int _resumes;

    public ReplayOwner Owner { get; } = owner;
    public ResponseId Id { get; } = id;
    public ReplayLog Log { get; } = log;

    /// <summary>The client's own name for it.</summary>
    public string? Key { get; init; }
    public bool IsBackground { get; init; }

    /// <summary>The epoch that another node sent it here under; null where none did.</summary>
    public long? Epoch { get; set; }

    /// <summary>The first response of its chain, where another node sent it.</summary>
    public ResponseId? Root { get; set; }

    /// <summary>Whether its events may be read again.</summary>
    public bool IsStreamed { get; init; }
    public HandedParents? Parents { get; init; }

    /// <summary>Called when somebody reads it again.</summary>
    public Action? Resumed { get; init; }

    /// <summary>How often somebody came back to it, or came besides the one who began it.</summary>
    public int Resumes => Volatile.Read(ref _resumes);

    /// <summary>Somebody reads it again.</summary>
    public void NoteResumed()
    {
        Interlocked.Increment(ref _resumes);
        Resumed?.Invoke();
    }

    /// <summary>What it used; null until nothing of it runs any more.</summary>
    public Usage? Spent { get; private set; }

    /// <summary>What a background turn is made from, until nothing of it runs any more.</summary>
    public RunningInput? Input { get; set; }

    /// <summary>Ends when its terminal event is there, or will never be.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether its terminal event is there.</summary>
    public bool IsEnded { get { lock (_gate) return _newest.IsTerminal; } }

    /// <summary>Why nothing was made of it: set before its log is closed, for those who read it without having begun it.</summary>
    public ApiException? Refusal { get; set; }

    /// <summary>Whether somebody asked for its end.</summary>
    public bool IsCancelled => _cancelled.IsCancellationRequested;

    /// <summary>Somebody asked for its end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>How far it is.</summary>
    public ResponseStatus Status => ResponseSplice.StatusOf(Snapshot()) ?? ResponseStatus.Failed;

    /// <summary>The response as it stands, in JSON.</summary>
    public ReadOnlyMemory<byte> Snapshot()
    {
        LoggedEvent newest;
        RawJson[] items;
        lock (_gate) (newest, items) = (_newest, [.. _items]);
        var response = EventSplice.ResponseOf(newest.Json).Utf8;
        return newest.IsTerminal || items.Length == 0 ? response
            : ResponseSplice.With(response, ResponseSplice.StatusOf(response) ?? ResponseStatus.InProgress, items);
    }

    /// <summary>Adds the next event, and notes what it says of how far the turn is.</summary>
    public void Add(LoggedEvent e)
    {
        if (IsBackground) Note(e);
        else if (e.IsTerminal) lock (_gate) _newest = e;
        Log.Add(e);
        if (e.IsTerminal) _ended.TrySetResult();
    }

    /// <summary>The turn runs now.</summary>
    public void Follow(TurnHandle handle)
    {
        lock (_gate) _handle = handle;
        if (IsCancelled) handle.Cancel(); // whichever of the two came last sees the other
    }

    /// <summary>The turn while it runs; null before and afterwards.</summary>
    public TurnHandle? Handle { get { lock (_gate) return _handle; } }

    /// <summary>Ends it, whether it runs or will.</summary>
    public void Cancel()
    {
        TurnHandle? handle;
        _cancelled.Cancel();
        lock (_gate) handle = _handle;
        handle?.Cancel();
    }

    /// <summary>Whether its client has said something meanwhile, for another turn that follows by itself.</summary>
    public bool HasNext { get { lock (_gate) return _next is not null; } }

    /// <summary>The turn that follows it by itself: ends when that turn has begun, or with null when none will.</summary>
    public Task<RunningTurn?> Next { get { lock (_gate) return _next is { } next ? next.Task : Task.FromResult<RunningTurn?>(null); } }

    /// <summary>Its client says something: another turn may follow by itself.</summary>
    public void ExpectNext()
    {
        lock (_gate)
            if (!_isNextKnown) _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What follows it by itself; the first word counts.</summary>
    public void NoteNext(RunningTurn? next)
    {
        TaskCompletionSource<RunningTurn?>? waiting;
        lock (_gate)
        {
            if (_isNextKnown) return;
            (_isNextKnown, waiting) = (true, _next);
        }
        waiting?.TrySetResult(next);
    }

    /// <summary>A stream of what follows a number.</summary>
    /// <exception cref="ApiException">As many read it already as may.</exception>
    public LogReader Open(long after) => Log.TryOpen(after, options.ReadersMax) ?? throw Crowded(Errors.RateLimited);

    /// <summary>A connection reads it.</summary>
    /// <exception cref="ApiException">As many read it already as may.</exception>
    public void Attach(IParentSource lane)
    {
        lock (_gate)
        {
            if (_attached >= options.ReadersMax) throw Crowded(Errors.ServerOverloaded);
            _attached++;
            _grace?.Dispose();
            _grace = null;
        }
        Parents?.Add(lane);
    }

    private ApiException Crowded(ErrorKind kind) => new(kind, options.RetryAfter, retryAfter: options.RetryAfter);

    /// <summary>The connection is gone, or has read all of it.</summary>
    /// <param name="asked">How long it asked for the turn to go on; null: it did not.</param>
    public void Detach(IParentSource lane, TimeSpan? asked = null)
    {
        Parents?.Leave(lane);
        lock (_gate)
        {
            if (--_attached > 0 || IsBackground || _isOver) return;
            _grace ??= time.CreateTimer(
                static turn => ((RunningTurn)turn!).Cancel(), this, options.GraceOf(asked), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Nothing of it runs any more.</summary>
    public void Over()
    {
        lock (_gate)
        {
            _isOver = true;
            _grace?.Dispose();
            _items.Clear();
            Input = null; // its memory is the request's, which is given back
            Spent ??= _handle?.Spent;
            _handle = null; // as above
        }
        Log.Close();
        _ended.TrySetResult();
    }

    /// <summary>Nothing of it can be read any more.</summary>
    public void Dispose()
    {
        Over();
        Log.Forget();
        Parents?.LetGo();
    }

    /// <summary>Reads a turn's own log into this one, to its end.</summary>
    /// <param name="source">The turn's.</param>
    /// <param name="beforeEnd">What has to be done before anybody sees the terminal event.</param>
    public async Task RecordAsync(EventLog source, Func<LoggedEvent, Task> beforeEnd)
    {
        using var reader = source.Open();
        if (!IsBackground) Log.Times = reader.Times;
        while (await reader.WaitAsync(CancellationToken.None))
            while (reader.TryRead(out var e))
            {
                if (e.IsTerminal) await beforeEnd(e);
                Add(e);
                var near = Log.NearAsync(CancellationToken.None); // readers are bounded in time by whoever writes to them
                if (!near.IsCompletedSuccessfully) await near;
            }
    }

    /// <summary>Ends it where the turn did not: its terminal event is made from what was said of it last.</summary>
    /// <param name="error">Null: it was cancelled.</param>
    public LoggedEvent EndWith(ApiException? error)
    {
        LoggedEvent newest;
        RawJson[] items;
        lock (_gate) (newest, items) = (_newest, [.. _items]);
        return EndOfEvents.Of(newest, items, error, Log.NextNumber);
    }

    private void Note(LoggedEvent e)
    {
        switch (e.Type)
        {
            case "response.created" or "response.queued" or "response.in_progress": break;
            case "response.output_item.done":
                lock (_gate) _items.Add(ItemOf(e));
                return;
            case var _ when e.IsTerminal: break;
            default: return;
        }
        lock (_gate) _newest = e;
    }

    private static RawJson ItemOf(LoggedEvent e) =>
        e.Event is ResponseEvent.OutputItemDone done ? done.Item.Json : new RawJson(e.Json).OwnField("item"u8);
}

/// <summary>What a turn is made from.</summary>
/// <param name="Parent">The response that it continues.</param>
/// <param name="Items">Its own items.</param>
internal sealed record RunningInput(ResponseId? Parent, IReadOnlyList<Item> Items);
