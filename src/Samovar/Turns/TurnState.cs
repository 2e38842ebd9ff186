using Samovar.Accounting;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Quotas;
using Samovar.Stores;

namespace Samovar.Turns;

/// <summary>What one running turn knows of itself. Only its own pipeline loop writes here.</summary>
internal sealed class TurnState(
    TurnRequest request, ResponseId id, TurnArrival arrival, TurnLife life, TimeSpan steeredItemMax, IdSource ids, TimeProvider time)
    : IDisposable
{
    private readonly TaskCompletionSource<EventLog> _began = request.Began ?? new(); // waiters run on the thread that completes it
    private readonly TurnSpan _span = TurnSpan.Begin(request, arrival.On);
    private long _firstTokenTicks = -1;
    private int _outputs;
    private TimeSpan? _total;

    public TurnRequest Request { get; private set; } = request;
    public ResponseId Id { get; } = id;
    public TurnLife Life { get; } = life;

    /// <summary>Ends the turn early where its client says more; null where none may.</summary>
    public TurnSteering? Steering { get; } = request.CanBeSteered ? new TurnSteering(steeredItemMax, ids, time) : null;
    public ChainNode? Parent { get; private set; }
    public TurnPlan? Plan { get; set; }

    /// <summary>The right that it runs here under, in a server that is one of several nodes; null where it needs none.</summary>
    public TurnPlacing? Placing { get; set; }

    /// <summary>What another node has made of it; null where none has.</summary>
    public CarriedEvents? Carried { get; private set; }

    /// <summary>Takes what its client says to it while another node makes it; null while none does.</summary>
    public IAwaySteering? Away { get; set; }

    /// <summary>Where it ran, and how that ended; null where it ran here.</summary>
    public ElsewhereEnd? Elsewhere { get; set; }

    /// <summary>The right to add to the chain, of a turn that is stored.</summary>
    public ChainClaim Claim { get; set; }
    public BackendRun? Backend { get; set; }
    public TurnEvents? Events { get; private set; }

    /// <summary>The trace that the turn belongs to, as upstreams get it.</summary>
    public TraceContext? Trace => _span.Trace;

    /// <summary>Where its time goes.</summary>
    public TurnTimes Times { get; set; }

    /// <summary>Ends when a store that took too long holds nothing of this turn any more; never faults.</summary>
    public Task LateKeep { get; set; } = Task.CompletedTask;
    public Task<EventLog> Began => _began.Task;

    /// <summary>What its backend does, and what of the turn itself it knows meanwhile.</summary>
    public BackendTurn ForBackend(TurnPlan plan) => plan.ForBackend(Request, Id) with
    {
        EndsEarly = Steering?.EndsEarly ?? CancellationToken.None,
        Steering = Steering,
        Trace = Trace,
        Times = Times.Trace,
        TakenOver = Placing?.Taken?.Reason,
    };

    /// <summary>The turn works on this conversation, if on any.</summary>
    public TurnState Open(ConversationHold? conversation)
    {
        if (conversation is not null) Request = Request with { Conversation = conversation };
        return this;
    }

    /// <summary>From here on the parent cannot lose its warm state: evictions elsewhere no longer matter to this turn.</summary>
    public ChainNode? Bind(ChainNode? parent)
    {
        parent?.Hold();
        return Parent = parent;
    }

    /// <summary>The turn has a response that clients can see; failures are reported by its events from now on.</summary>
    public void Begin(TurnEvents events) => Events = events;

    /// <summary>The turn has a response, which is created now: it waits while there is no room for that.</summary>
    public async ValueTask<TurnEvents> BeginAsync(TurnOptions options, Response response)
    {
        var events = new TurnEvents(response, Request, options, Times.Trace, Carried?.Log);
        try
        {
            if (Request.Queued is null) await events.PublishAsync(new ResponseEvent.Created(response), Life.Token);
        }
        catch
        {
            events.Abandon(); // nobody will read them
            throw;
        }
        Begin(events);
        return events;
    }

    /// <summary>As above, where another node makes it: its client reads from now on.</summary>
    public void Begin(CarriedEvents carried)
    {
        Carried = carried;
        Publish();
    }

    /// <summary>
    /// Wakes those who wait for the turn's events before it returns. To be called before the turn waits for anything, and at its end:
    /// what a backend says at once is read, and written, at once.
    /// </summary>
    public void Publish()
    {
        if ((Events?.Log ?? Carried?.Log) is not { } log) return;
        if (!_began.Task.IsCompleted) _began.TrySetResult(log);
        log.Wake();
    }

    /// <summary>Publishes what there is where the step has to be waited for.</summary>
    public ValueTask BeforeWaiting(ValueTask step)
    {
        if (!step.IsCompleted) Publish();
        return step;
    }

    public void Refuse(ApiException error)
    {
        _began.TrySetException(error);
        _ = _began.Task.Exception; // nobody has to look
    }

    /// <summary>What it holds of its tenant's quotas; null where there are none.</summary>
    public QuotaHold? Quota { get; set; }

    /// <summary>How long it waited for its place among the running turns.</summary>
    public TimeSpan AdmissionWait { get; set; }

    /// <summary>How long storing its response took; null where that was not tried.</summary>
    public TimeSpan? StoreTime { get; set; }

    /// <summary>What it reused and what that cost, without words of what is not to be stored; null where it is not known.</summary>
    public CacheDetails? Cache => Plan?.Request.Store == true ? Plan.Report.Cache : Plan?.Report.Cache?.WithoutTexts();

    public void NoteOutput()
    {
        if (_firstTokenTicks < 0)
        {
            var now = time.GetTimestamp();
            Volatile.Write(ref _firstTokenTicks, time.GetElapsedTime(ArrivedAt, now).Ticks);
            Times.Trace?.FirstOutput(now);
        }
        Volatile.Write(ref _outputs, _outputs + 1);
    }

    /// <summary>By <c>TimeProvider.GetTimestamp</c>.</summary>
    public long ArrivedAt { get; } = arrival.At;

    /// <summary>From its arrival to the first output; null while there is none. Any thread.</summary>
    public TimeSpan? FirstToken => Volatile.Read(ref _firstTokenTicks) is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    /// <summary>Pieces of output that came, about as many as tokens. Any thread.</summary>
    public int Outputs => Volatile.Read(ref _outputs);

    /// <summary>Whether it has its place among the running turns.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Tokens of the input, as far as its backend said when it accepted the turn.</summary>
    public int InputTokens { get; set; }

    /// <summary>What a client without state would have sent for this turn.</summary>
    public long BytesStateless => Plan is not { } plan ? Request.Request.Bytes
        : Request.Request.Bytes + (plan.Context.IsMatched ? 0 : plan.Context.Parent?.ChainJsonBytes ?? 0) + SettingsTakenOver(plan);

    private long SettingsTakenOver(TurnPlan plan) =>
        !(Request.TakesOver || Request.Request.ContinuesThread) || plan.Context.Parent is null ? 0
        : (Request.Request.Instructions is null ? plan.Settings.Instructions?.Length ?? 0 : 0)
            + (Request.Request.Tools is null ? plan.Settings.Tools?.Json.Utf8.Length ?? 0 : 0);

    /// <summary>How a turn ended that came to no end of its own: what clients saw last, and why.</summary>
    public (Response? Last, ApiException Error)? Failure { get; private set; }

    public void Failed(Response? last, ApiException error) => (Failure, _total) = ((last, error), time.GetElapsedTime(ArrivedAt));

    /// <summary>What it used; null until its record is made.</summary>
    public Usage? Spent { get; set; }

    /// <summary>Ends the turn's span.</summary>
    public void EndSpan(RequestRecord record) => _span.End(record, Request.Request.Hints.Thread ?? Request.Request.Hints.Session);

    /// <summary>Makes its stretches spans below its own, where somebody collects those.</summary>
    public void ExportStages()
    {
        if (Times.Trace is { } trace) _span.Export(trace, time);
    }

    /// <summary>The turn as the request log wants it.</summary>
    public RequestRecord Record(Response? last, ApiException? error) => new()
    {
        Tenant = Request.Tenant,
        Response = Events is null && Carried is null ? null : Id,
        RelayedTo = Elsewhere?.Node.Value,
        Taken = Placing?.Taken,
        Previous = Request.Request.PreviousResponseId,
        Parent = Plan?.Context.Parent?.Id,
        Root = Plan?.Context.Parent?.Root ?? (Events is null ? null : Id),
        Conversation = Request.Request.Conversation,
        Origin = Request.Origin,
        Client = Request.Client,
        Thread = Request.Request.Hints.Thread ?? Request.Request.Hints.Session,
        ParentThread = Request.Request.Hints.ParentThread ?? Request.Request.Hints.ParentSession,
        ClientTurn = Request.Request.ClientTurn,
        ArrivedAt = ArrivedAt,
        BytesStateless = BytesStateless,
        Lane = Request.Request.Lane,
        RequestModel = Plan?.Route.Model,
        Model = last?.Model ?? Plan?.Route.Model,
        Destination = Plan?.Report.Destination,
        Affinity = Plan?.Report.Affinity,
        Matched = Plan?.Match?.Outcome,
        Compaction = Plan?.Report.Compaction,
        CompactionForm = Request.IsWindowAlone ? "endpoint" : Request.Request.Compacts ? "trigger"
            : Plan?.Report.Compaction is null ? null : "automatic",
        CompactionTime = Plan?.Report.CompactionCost?.Time,
        CompactionTokensBefore = Plan?.Report.CompactionCost?.TokensBefore ?? 0,
        CompactionTokensAfter = Plan?.Report.CompactionCost?.TokensAfter ?? 0,
        IsBackground = Request.Queued is not null,
        Resumes = Request.Resumes?.Invoke() ?? 0,
        StoreTime = StoreTime,
        Dropped = Plan?.Report.Dropped ?? [],
        InputCost = Plan?.Report.InputCost,
        Outcome = Elsewhere?.Outcome ?? last?.Status switch
        {
            null => "refused",
            ResponseStatus.Completed => "completed",
            ResponseStatus.Incomplete => "incomplete",
            ResponseStatus.Cancelled => "cancelled",
            _ => "failed",
        },
        ErrorCode = error?.Kind.Code,
        MissCause = Plan?.Report.MissCause,
        BytesFromClient = Request.Request.Bytes,
        BytesToClient = (Events?.Log ?? Carried?.Log)?.Bytes ?? 0,
        BytesToUpstream = Plan?.Report.BytesToUpstream ?? 0,
        BytesBack = Plan?.Report.BytesBack ?? 0,
        Retries = Plan?.Report.Retries ?? 0,
        Faults = [.. Plan?.Report.Faults ?? []],
        Usage = last?.Usage ?? Plan?.Report.Spent ?? Usage.Zero,
        Queued = arrival.Queued + AdmissionWait,
        BackendQueued = Plan?.Report.Queued,
        DraftedTokens = Plan?.Report.DraftedTokens ?? 0,
        AcceptedTokens = Plan?.Report.AcceptedTokens ?? 0,
        FirstToken = FirstToken,
        Total = _total ?? time.GetElapsedTime(ArrivedAt),
    };

    public void Dispose()
    {
        Quota?.LetGo();
        Publish();
        if (Events is null && Carried is null) Refuse(new ApiException(Errors.Internal)); // nobody waits for ever, whatever broke
        (Events?.Log ?? Carried?.Log)?.Close();
        Events?.Dispose();
        Steering?.Dispose();
        Life.Dispose();
        Parent?.LetGo();
    }
}

/// <summary>A turn ran at another node.</summary>
/// <param name="Node">Which one.</param>
/// <param name="Outcome">How it ended, as its record says it.</param>
/// <param name="Kept">What it left, where something is to follow it by itself.</param>
internal sealed record ElsewhereEnd(NodeName Node, string Outcome, ChainNode? Kept = null);
