using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Relays;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A live continuation: one connection's lanes, their queues and their newest responses.</summary>
/// <remarks>Each lane is a small actor; what they share (the bounds) stands under one lock that is never held over a wait.</remarks>
internal sealed partial class Session : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly ResponseEventOptions _events;
    private readonly SessionParts _parts;
    private readonly Action<Session> _closed;
    private SessionWork? _work;
    private int _queued;
    private long _queuedBytes;
    private long _usedAt;
    private Task? _disposal;

    /// <param name="closed">Called once, when all of the session is over.</param>
    internal Session(TenantId tenant, ResponseEventOptions events, SessionParts parts, Action<Session> closed)
    {
        (Tenant, _events, _parts, _closed) = (tenant, events, parts, closed);
        OpenedAt = _usedAt = parts.Time.GetTimestamp();
    }

    public TenantId Tenant { get; }

    /// <summary>When the connection came, by <c>TimeProvider.GetTimestamp</c>.</summary>
    public long OpenedAt { get; }

    /// <summary>Whose share of places its turns take.</summary>
    internal required FlowId Flow { get; init; }

    /// <summary>Its connection, to those who watch.</summary>
    internal required TurnOrigin Origin { get; init; }

    /// <summary>When its newest turn began or it was opened, by <c>TimeProvider.GetTimestamp</c>.</summary>
    internal long UsedAt => Interlocked.Read(ref _usedAt);

    /// <summary>Whether turns may still begin; null: always.</summary>
    internal Func<bool>? IsWelcome { get; init; }

    /// <summary>Whether its client said that it can resume: then turns go on for a time when the connection is gone.</summary>
    internal bool CanResume { get; init; }
    internal TimeSpan? Grace { get; init; } // how long it asks for; null: it does not

    /// <summary>Whether the connection has reached its age; running turns may end, new ones are not taken.</summary>
    public bool IsExpired => _parts.Time.GetElapsedTime(OpenedAt) >= _parts.Options.ConnectionAgeMax;

    /// <summary>Turns that wait in their lanes.</summary>
    public int Queued { get { lock (_gate) return _queued; } }

    /// <summary>Turns that run.</summary>
    public int InFlight => _work is { } work ? _parts.Options.InFlightMax - work.Places.CurrentCount : 0;

    /// <summary>Lanes that were ever used.</summary>
    public int Lanes { get { lock (_gate) return _work?.Lanes.Count ?? 0; } }

    /// <summary>The newest response of a lane, if it is still kept.</summary>
    internal ChainNode? Newest(LaneId lane) => _work?.Cache.Newest(lane);

    /// <summary>Its lanes and their newest responses, for those who watch.</summary>
    internal IReadOnlyList<LaneView> Views()
    {
        lock (_gate)
            return [.. _work?.Lanes.Values.Select(lane => new LaneView(lane.Id, lane.Tally, _work.Cache.Newest(lane.Id))) ?? []];
    }

    /// <summary>
    /// Takes one frame. A create waits in its lane and runs; null for a cancel, whose answer is the cancelled turn's own end; one that
    /// finds no turn is an error.
    /// Throws <c>ApiException</c> for an error of this request alone; the session goes on.
    /// </summary>
    /// <param name="frame">What the client sent.</param>
    /// <param name="claim">The memory that it took while it came in, the turn's from now on; null where nobody counted it.</param>
    public LaneReply? Submit(ClientFrame frame, ByteClaim? claim = null)
    {
        var reply = Take(frame, claim);
        reply?.Begin();
        return reply;
    }

    /// <summary>Takes one frame, as <see cref="Submit"/> does, for a turn whose reader is to be there when it begins.</summary>
    /// <param name="came">When its first byte was there and its last, by <c>TimeProvider.GetTimestamp</c>; null: unknown.</param>
    /// <returns>What is to be told to begin.</returns>
    public LaneReply? Take(ClientFrame frame, ByteClaim? claim, (long From, long To)? came = null)
    {
        try
        {
            switch (frame)
            {
                case ClientFrame.Create create: return Enqueue(create.Request, new(create.Sent, false), claim ?? Claim(), came);
                case ClientFrame.Bare bare: return Enqueue(bare.Request, new(bare.Sent, true), claim ?? Claim(), came);
                case ClientFrame.Resume resume: return Enqueue(resume, claim ?? Claim());
                case ClientFrame.Cancel cancel: Cancel(cancel); return null;
                default: throw new ArgumentOutOfRangeException(nameof(frame), frame.GetType().Name, "No such frame.");
            }
        }
        catch (ApiException error)
        {
            if (frame is ClientFrame.Create { Request: var request }) NoteRefused(request, error);
            else if (frame is ClientFrame.Bare { Request: var bare }) NoteRefused(bare, error);
            throw;
        }
    }

    /// <summary>Queues what a client says to a response that is being made: then its events say so.</summary>
    /// <inheritdoc cref="SteerDesk.Take(ClientFrame, int, ByteClaim)"/>
    internal SteerRefusal? Steer(ClientFrame frame, int bytes, ByteClaim claim)
    {
        if ((_work?.Desk ?? NewDesk()).Take(frame, bytes, claim) is not { } refusal) return null;
        NoteRefused(new CreateRequest { Lane = refusal.Stream, Bytes = bytes }, refusal.Error);
        return refusal;
    }

    /// <summary>The lane of a response that is being made, or just was; the default one where it is not known.</summary>
    internal LaneId LaneOf(ResponseId response) => (_work?.Desk ?? NewDesk()).LaneOf(response);

    /// <summary>A frame of a valid lane could not be read: counts as a failed continuation of <paramref name="previous"/>.</summary>
    public void NoteRejectedFrame(LaneId lane, ResponseId? previous) => _work?.Cache.NoteFailure(lane, previous);

    /// <summary>A frame became no turn: it could not be read, or there is no room for it to wait.</summary>
    public void NoteRefused(CreateRequest request, ApiException error)
    {
        _parts.Metrics.Refused.Add(1, new KeyValuePair<string, object?>(Labels.ErrorType, error.Kind.Code));
        _parts.Pipeline.NoteRefused(Tenant, request, error);
    }

    /// <summary>The connection is gone: cancels what runs, waits for it, lets go of the lanes' responses.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate) return new(_disposal ??= CloseAsync());
    }

    /// <summary>What the connection's frames are counted by.</summary>
    public ByteClaim Claim() => new(_parts.Memory.Frames, Flow);

    /// <summary>What a frame is answered with for which there was no room.</summary>
    public ApiException NoRoom() => _parts.Memory.NoRoom();

    /// <summary>The connection writes nothing more: what its turns had left to be read is no longer kept.</summary>
    public void ReleaseLogs() => _work?.Logs.Dispose();

    private LaneReply Enqueue(CreateRequest request, SentRequest sent, ByteClaim claim, (long From, long To)? came)
    {
        var turn = new QueuedFrame(request, sent.IsBareFrame == true, _parts.Time.GetTimestamp(), claim) { Came = came, Sent = sent };
        return new LaneReply(Place(turn), turn);
    }

    private LaneReply Enqueue(ClientFrame.Resume resume, ByteClaim claim)
    {
        var turn = new QueuedFrame(new CreateRequest { Lane = resume.Lane }, isBare: false, _parts.Time.GetTimestamp(), claim)
        {
            Resumes = (resume.Response, resume.After),
        };
        return new LaneReply(Place(turn), turn);
    }

    /// <summary>The lane in which there is a place for it.</summary>
    private Lane Place(QueuedFrame turn)
    {
        var request = turn.Request;
        lock (_gate)
        {
            if (_disposal is not null) throw new ApiException(Errors.TurnCancelled);
            if (IsExpired) throw new ApiException(Errors.ConnectionLimit, _parts.Options.ConnectionAgeMax);
            var isFull = _queued >= _parts.Options.QueuedMax
                || _queuedBytes + request.Bytes > _parts.Options.QueuedBytesMax && _queued > 0;
            var lane = isFull ? null : LaneOf(request.Lane);
            // 503, not 429: clients on a WebSocket take 429 for final
            if (lane is null) throw Full();
            if (!turn.Claim.TrySet(RequestWeight.Of(request.Bytes)))
                throw _parts.Memory.NoRoom(_parts.Memory.Frames, RequestWeight.Of(request.Bytes), request.Bytes);
            _queued++;
            _queuedBytes += request.Bytes;
            return lane;
        }
    }

    private Lane LaneOf(LaneId id)
    {
        var work = _work ??= new SessionWork([], new SemaphoreSlim(_parts.Options.InFlightMax), new LaneCache(_parts.Retention, Flow),
            new LogRoom(_parts.Memory.Logs, Flow, _parts.Options.UnreadBytesMax),
            NewDesk());
        if (work.Lanes.TryGetValue(id, out var lane)) return lane;
        var named = work.Lanes.Count - (work.Lanes.ContainsKey(LaneId.Default) ? 1 : 0);
        if (!id.IsDefault && named >= _parts.Options.NamedLanesMax)
            throw new ApiException(Errors.StreamLimit, _parts.Options.NamedLanesMax, "stream_id");
        return work.Lanes[id] = new Lane(id, new LaneSteers(id, work.Desk, _parts.Time), _parts.Options.QueuedMax,
            (lane, queued) => Begin(lane, queued, work), work.Places, _parts.Logger, _gone.Token);
    }

    private SteerDesk NewDesk() => new(_parts.Options, _parts.Metrics, response =>
    {
        lock (_gate) return _work is { } work ? Lane.Find(work.Lanes.Values, response) : null;
    });

    private KeptTurns Kept => new(Tenant, _parts.Store, _parts.Running, Grace, _gone.Token,
        _parts.Peers is { } peers ? new PeerReading(peers, Tenant, _parts.Pipeline.UnreadBytesMax, _gone.Token) : null);

    private TurnHandle Begin(Lane of, QueuedFrame queued, SessionWork work)
    {
        if (!queued.IsSuccessor) lock (_gate) (_queued, _queuedBytes) = (_queued - 1, _queuedBytes - queued.Request.Bytes);
        if (queued.IsSuccessor && IsExpired)
            return TurnHandle.Refused(new ApiException(Errors.ConnectionLimit, _parts.Options.ConnectionAgeMax), queued.Beginning);
        Interlocked.Exchange(ref _usedAt, queued.ArrivedAt);
        if (queued.IsCancelled && !Kept.Has(queued)) return TurnHandle.Refused(new ApiException(Errors.TurnCancelled), queued.Beginning);
        var (request, lane, cache, namesParent) = (queued.Request, of.Id, work.Cache, queued.Request.PreviousResponseId is not null);
        if (queued.IsBare && !namesParent && request.Conversation is null)
            request = request with { PreviousResponseId = cache.Newest(lane)?.Id ?? cache.Lost(lane) };
        var parents = new LaneParents(Tenant, lane, namesParent && !queued.IsSuccessor, cache, _parts.Store);
        if (queued.Resumes is var (response, after)) return Kept.Resume(queued, response, after, parents);
        if (!queued.IsSuccessor) request = of.Steers.WithWaiting(queued, request);
        var turn = new TurnRequest
        {
            Tenant = Tenant,
            Flow = Flow,
            Request = request,
            CanBeSteered = SteerDesk.CanBeSteered(request),
            Parents = parents,
            Events = _events,
            Logs = work.Logs,
            TakesOver = queued.IsBare,
            Sent = ReferenceEquals(request.Input, queued.Request.Input) ? queued.Sent : queued.Sent?.With(request.Input),
            ArrivedAt = queued.ArrivedAt,
            Intake = queued.Came is var (from, to) ? new RequestIntake(from, to, queued.ArrivedAt) : null,
            Origin = Origin, Client = Origin.Client, Tally = of.Tally,
            IsWelcome = IsWelcome,
            Began = queued.Beginning,
        };
        return CanResume ? Kept.Begin(queued, turn) : _parts.Pipeline.Begin(turn, _gone.Token);
    }

    private void Cancel(ClientFrame.Cancel cancel)
    {
        Lane? lane;
        lock (_gate) lane = _work?.Lanes.GetValueOrDefault(cancel.Lane);
        if (lane?.Cancel(cancel.Response) == true) return;
        // Every cancel has one answer: the end of its turn, or this.
        throw cancel.Response is { } id && Newest(cancel.Lane)?.Id != id
            ? new ApiException(Errors.ResponseNotFound, id, "response_id") : new ApiException(Errors.NothingToCancel);
    }

    /// <summary>Every step is taken, whatever one of them throws: nothing of a session stays counted. Never faults.</summary>
    private async Task CloseAsync()
    {
        await Task.Yield(); // the lock is not held from here on
        Try(_gone.Cancel);
        SessionWork? work;
        lock (_gate) work = _work; // no more lanes are made: the disposal has begun
        foreach (var lane in work?.Lanes.Values ?? Enumerable.Empty<Lane>()) await TryAsync(lane.CloseAsync);
        Try(() => work?.Cache.Clear());
        Try(() => work?.Places.Dispose());
        Try(_gone.Dispose);
        Try(() => _closed(this));
    }

    private void Try(Action step)
    {
        try { step(); }
        catch (Exception exception) { NoteBroken(exception); } // the session's end
    }

    private async Task TryAsync(Func<Task> step)
    {
        try { await step(); }
        catch (Exception exception) { NoteBroken(exception); } // the session's end
    }

    private void NoteBroken(Exception exception) => GuardedLog.Write(() => Log.EndBroke(_parts.Logger, exception));

    private ApiException Full() =>
        new(Errors.ServerOverloaded, _parts.Options.RetryAfter, retryAfter: _parts.Options.RetryAfter);

    private static partial class Log
    {
        [LoggerMessage(3004, LogLevel.Error, "A connection's session did not end in full")]
        public static partial void EndBroke(ILogger logger, Exception exception);
    }
}

/// <summary>What all sessions of a node share.</summary>
internal sealed record SessionParts(TurnPipeline Pipeline, IChainStore Store, SessionOptions Options, SessionMetrics Metrics,
    RetentionBudget Retention, MemoryShares Memory, RunningTurns Running, TimeProvider Time, ILogger<Session> Logger,
    IPeerReplays? Peers = null);
