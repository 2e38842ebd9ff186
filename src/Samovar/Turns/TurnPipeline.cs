using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Takes one request from admission to its one terminal event.</summary>
/// <remarks>
/// Where a server is one of several nodes a turn that continues a stored chain is placed first: it may run at another one. (1) admit
/// (2) find the parent (3) assemble the context and (4) route (5) run the backend (6) fold its events into the response
/// (7) publish them, not faster than they are read (8) keep the response, then publish the end. A failure before
/// <c>response.created</c> refuses the request; after it, it is the terminal event. A warm-up's usage is what the backend really did, where
/// others report zeros: clients accept both, and operators should see what a prefill costs and what the cache saves.
/// </remarks>
internal sealed partial class TurnPipeline(
    TurnPlanner planner, ResponseKeeper keeper, TurnOptions options, TurnWatch watch, IdSource ids, TimeProvider time,
    ILogger<TurnPipeline> logger, ITurnPlaces? places = null) : IDisposable
{
    private const int PreparedAtOnceMax = 64 << 10;
    private readonly TurnAdmission _admission = new(options, watch.Metrics, time);
    private readonly RefusalPace _pace = new(options, time);
    private readonly TurnEnding _ending = new(watch, logger);
    private readonly StoredTurn _told = new(keeper, options, new TurnEnding(watch, logger));
    private readonly CancellationTokenSource _nodeStopping = new(); // never disposed: no timer, no link; lanes may still begin turns

    /// <summary>How far a turn may be ahead of its reader.</summary>
    public long UnreadBytesMax => options.UnreadBytesMax;

    /// <summary>The turns that go on.</summary>
    public LiveTurns Live { get; } = new();

    /// <summary>Those that are on their way.</summary>
    public ComingTurns Coming { get; } = new(planner.States);

    /// <summary>Turns that hold a place.</summary>
    public int Running => _admission.Running;

    /// <summary>Turns that wait for one.</summary>
    public int Waiting => _admission.Waiting;

    /// <summary>Starts a turn; never throws, a refusal is reported by <see cref="TurnHandle.Began"/>.</summary>
    public TurnHandle Begin(TurnRequest request, CancellationToken turnCancelled)
    {
        TurnLife? life = null;
        try
        {
            life = new TurnLife(options, time, turnCancelled, _nodeStopping.Token);
            var arrival = TurnArrival.Of(request, time);
            var turn = new TurnState(request, request.Id ?? ResponseId.New(ids), arrival, life, options.SteeredItemMax, ids, time);
            turn.Times = TurnTimes.Begin(watch.Traces, request, turn.Id, arrival, time);
            return new TurnHandle(turn.Began, RunAsync(turn), turn);
        }
        catch (Exception exception) // the turn
        {
            life?.Dispose();
            return TurnHandle.Refused(_ending.NotBegun(request, exception), request.Began);
        }
    }

    /// <summary>A turn that will begin later, and whose client knows its name: to be disposed when it is over.</summary>
    public AnnouncedTurn Announce(TurnRequest request) => new(request, Live, watch.Traces, time);

    /// <summary>Notes a request that never became a turn: it could not be read, or there was no room for it to wait.</summary>
    public void NoteRefused(TenantId tenant, CreateRequest request, ApiException error) => _ending.Refused(tenant, request, error);

    /// <summary>No new turns from now on; waits for the running ones, and ends them when <paramref name="deadline"/> comes first.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _admission.Close();
        try { await _admission.Idle.WaitAsync(deadline); }
        catch (OperationCanceledException)
        {
            Cut();
            await Task.WhenAny(_admission.Idle, Task.Delay(options.StopMax + options.KeepMax, time, CancellationToken.None));
        }
    }

    /// <summary>Ends all turns, those that run at other nodes, too.</summary>
    public void Cut() => _nodeStopping.Cancel();

    /// <summary>Ends what was not drained; turns that still wait in their lanes are refused as the server's stopping.</summary>
    public void Dispose()
    {
        _admission.Close();
        Cut();
        Coming.Dispose();
    }

    /// <summary>Never faults: whatever breaks, the turn has one end, and nothing of it stays counted.</summary>
    private async Task<ChainNode?> RunAsync(TurnState turn)
    {
        Live.Add(turn);
        try
        {
            turn.Request.RequireWelcome();
            turn.Quota = await watch.EnterAsync(turn.Request, turn.Life.Token);
            if (places is not null && !await IsPlacedHereAsync(turn, places)) return turn.Elsewhere?.Kept;
            turn.AdmissionWait = await _admission.EnterAsync(turn.Request.Flow, turn.Life.Token); // :: 1
            turn.Times.Admitted();
            turn.IsAdmitted = true;
            return await RunPlacedAsync(turn);
        }
        catch (Exception exception) // the turn
        {
            await FailAsync(turn, exception);
            return null;
        }
        finally
        {
            _ending.Close(turn);
            Live.Remove(turn); // its record is written
        }
    }

    /// <summary>False where it ran at another node, to its end.</summary>
    private async Task<bool> IsPlacedHereAsync(TurnState turn, ITurnPlaces places)
    {
        var here = await places.PlaceAsync(turn);
        if (here is null) _ending.RecordElsewhere(turn);
        turn.Placing = here?.Placing;
        return here is not null;
    }

    private async Task<ChainNode?> RunPlacedAsync(TurnState turn)
    {
        try
        {
            if (turn.AdmissionWait > TimeSpan.Zero) turn.Request.RequireWelcome();
            return await RunAdmittedAsync(turn);
        }
        catch (Exception exception) when (turn.Events is not null || !RefusalPace.IsPaced(exception)) // reported before it is awaited
        {
            _ending.Fail(turn, exception);
            return null;
        }
        finally
        {
            await LeaveAsync(turn);
        }
    }

    /// <summary>Reports the turn's end to those who wait; a refusal when its flow may get it. It holds no place here.</summary>
    private async Task FailAsync(TurnState turn, Exception exception)
    {
        if (turn.Events is null && exception is ApiException refusal)
            await _pace.WaitAsync(turn.Request.Flow, refusal, turn.Life.Ends);
        _ending.Fail(turn, exception);
    }

    private async Task<ChainNode> RunAdmittedAsync(TurnState turn)
    {
        turn.Life.Token.ThrowIfCancellationRequested();
        if (turn.Placing is { Past: not TurnPast.None } && await _told.TellAsync(turn) is { } stored) return stored;
        await using var conversation = await planner.OpenAsync(turn.Request, turn.Life.Token); // free before anybody sees a failure
        return await RunOpenedAsync(turn.Open(conversation));
    }

    private async Task<ChainNode> RunOpenedAsync(TurnState turn)
    {
        var token = turn.Life.Token;
        var finding = TurnPlanner.FindParentAsync(turn.Request, token);
        var isAtHand = finding.IsCompletedSuccessfully;
        var parent = turn.Bind(await finding); // :: 2
        // The caller's connection is read on this thread: it must notice a client that leaves or cancels while much is prepared.
        Coming.Expect(parent);
        if (turn.Request.BytesToPrepare(parent) > PreparedAtOnceMax) await Task.Yield();
        var plan = turn.Plan = await planner.PlanAsync(turn.Request, parent, token); // :: 3-4
        if (parent is null) turn.Bind(plan.Context.Parent); // found by what the client resent
        turn.Times.Matched(plan.Context.Parent?.Id, turn.Request.Request.Input.Count, plan.FoundIn(isAtHand));
        await keeper.BeginAsync(turn, plan, token);
        var work = turn.ForBackend(plan);
        var backend = turn.Backend = new BackendRun(planner.RunAsync(plan, work, token), turn.Life); // :: 5

        if (await backend.NextAsync() is not BackendEvent.Accepted accepted)
            throw new InvalidOperationException("A backend must accept first.");
        turn.InputTokens = accepted.Usage?.InputTokens ?? 0;
        var events = await turn.BeginAsync(options, plan.Beginning(turn.Request, turn.Id, accepted, time.GetUtcNow()));
        if (plan.Request.Generate)
            await turn.BeforeWaiting(events.PublishAsync(new ResponseEvent.InProgress(events.Response), token));

        var fold = new ResponseFold(ids, options.OutputItemsMax, events.Publish, events.Unheard, plan.Tools);
        while (true)
        {
            var next = backend.NextAsync();
            if (!next.IsCompleted) turn.Publish(); // what came at once goes out at once
            if (await next is not { } e) throw new InvalidOperationException("A backend ended without saying so.");
            var room = events.RoomForAsync(e, token);
            if (!room.IsCompletedSuccessfully) await PauseAsync(turn, room, e);
            if (e is BackendEvent.Finished finished) return await FinishAsync(turn, plan, fold, finished);
            token.ThrowIfCancellationRequested();
            turn.NoteOutput();
            fold.Add(e); // :: 6-7
            turn.Steering?.Note(e, fold.Output);
            if (events.Log.IsDue) turn.Publish();
        }
    }

    /// <summary>Waits for readers that are far behind, and so does the backend, which is not asked for more.</summary>
    private static async ValueTask PauseAsync(TurnState turn, ValueTask room, BackendEvent e)
    {
        try
        {
            await turn.BeforeWaiting(room);
        }
        catch
        {
            (e as BackendEvent.Finished)?.State?.Release(); // nobody will continue from it
            throw;
        }
    }

    private async Task<ChainNode> FinishAsync(TurnState turn, TurnPlan plan, ResponseFold fold, BackendEvent.Finished finished)
    {
        var (last, end) = Conclude(turn, plan, fold, finished);
        var keeping = keeper.KeepAsync(turn, plan, last, finished.State); // :: 8
        if (!keeping.IsCompleted) turn.Publish();
        var node = await keeping;
        turn.Quota?.End(last.Usage);
        turn.Events!.PublishEnd(end);
        turn.Publish();
        _ending.Record(turn, last, error: null);
        node.State?.Kept(SeenChain.Of(node).Node!);
        return node;
    }

    /// <summary>The response as it ended and its last event; where it cannot be written, its warm state is given back here.</summary>
    private (Response Last, LoggedEvent End) Conclude(TurnState turn, TurnPlan plan, ResponseFold fold, BackendEvent.Finished finished)
    {
        try
        {
            turn.Life.Token.ThrowIfCancellationRequested();
            fold.Add(finished);
            var last = Last(turn, plan, fold, finished);
            return (last, turn.Events!.Prepare(last));
        }
        catch
        {
            finished.State?.Release();
            throw;
        }
    }

    private Response Last(TurnState turn, TurnPlan plan, ResponseFold fold, BackendEvent.Finished finished)
    {
        var isIncomplete = finished.IncompleteReason is not null;
        return turn.Events!.Response with
        {
            Status = isIncomplete ? ResponseStatus.Incomplete : ResponseStatus.Completed,
            CompletedAt = isIncomplete ? null : time.GetUtcNow(),
            IncompleteReason = finished.IncompleteReason,
            StopSequence = finished.StopSequence, StopReason = finished.StopReason,
            AppliedEdits = finished.AppliedEdits, MessagesEnd = finished.MessagesEnd,
            Output = fold.Output is [var only] ? [only] : [.. fold.Output], // kept with the chain: no longer than it has to be
            Usage = finished.Usage,
            CacheDiagnostics = plan.Diagnosis(finished.Cache),
        };
    }

    /// <summary>
    /// Stops the backend and waits for it, and for a store that still keeps, as long as is bearable; the place stays taken until they have
    /// really let go.
    /// </summary>
    private async Task LeaveAsync(TurnState turn)
    {
        turn.Life.Stop();
        var gone = turn.Backend?.CloseAsync() ?? Task.CompletedTask;
        var left = _admission.LeaveAsync(turn.Request.Flow, turn.LateKeep.IsCompleted ? gone : Task.WhenAll(gone, turn.LateKeep));
        if (!left.IsCompleted) turn.Life.LimitPatience();
        try
        {
            await left.WaitAsync(turn.Life.Patience);
        }
        catch (OperationCanceledException)
        {
            watch.Metrics.Abandoned();
            Log.Abandoned(logger, turn.Id, DurationText.Of(options.StopMax));
        }
        if (turn.Backend?.LeftWith is { } exception and not OperationCanceledException) Log.LeftBadly(logger, turn.Id, exception);
        if (turn.Life.StoppedWith is { } thrown) Log.LeftBadly(logger, turn.Id, thrown);
    }

    private static partial class Log
    {
        [LoggerMessage(2004, LogLevel.Debug, "The backend of turn {ResponseId} threw on its way out")]
        public static partial void LeftBadly(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2003, LogLevel.Warning, "The backend of turn {ResponseId} did not stop within {StopMax}; its place stays taken")]
        public static partial void Abandoned(ILogger logger, ResponseId responseId, string stopMax);
    }
}
