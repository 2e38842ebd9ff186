using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Metrics;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;
using Samovar.Tracing;

namespace Samovar.Gateway;

/// <summary>All pools of upstreams as one backend: finds a destination for each turn, and another one when it fails early enough.</summary>
/// <remarks>
/// 1 Find the pool. 2 Choose the destination, or wait for one. 3 Run the attempt there and pass its events on. 4 After a fault: note it,
/// and try again or report it to the client.
/// </remarks>
internal sealed class UpstreamBackend(
    PoolTable pools, UpstreamDrivers drivers, UpstreamOptions options, UpstreamMetrics metrics, DestinationChoice choice,
    SealedItems sealedItems, WaitQueue queue, TimeProvider time) : IBackend, IDisposable
{
    private readonly PromptCacheKeys _keys = new(options, time);
    private readonly EndTimes _endTimes = new(options.FinishTimeMax, options.EndTimeMax, EndTimes.DoubtOf(options.IdleTimeout));
    private readonly OverdueTurns _overdue = new(pools, options, time);
    private readonly CompactingPools _compacting = new(options.CompactionRetryAfter, time);
    private volatile ServedModels? _served;

    public IReadOnlyList<BackendModel> Models => ServedNow().Models;

    public IReadOnlyList<BackendModel> ListedModels => ServedNow().Listed();

    /// <summary>The upstream's own reasoning is in its state or in its items; going on with it is better than without.</summary>
    public bool ContinuesUnsentReasoning => true;

    public bool ServesAnyModel => ServedNow().IsAny;

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        var asked = turn.Model ?? turn.Request.Model;
        var (pool, model) = pools.Find(asked) ?? throw new ApiException(Errors.ModelNotFound, asked ?? "", param: "model"); // :: 1
        var run = NewRun(turn, options.RetriesMax, pool, model);
        UpstreamRun.Routed? route = null;
        try
        {
            while (true)
            {
                if (turn.EndsEarly.IsCancellationRequested) // it was between two attempts
                {
                    yield return new BackendEvent.Finished(turn.Report.Spent, BackendEvent.Steered);
                    yield break;
                }
                AttemptReading? reading = null;
                UpstreamFault? fault = null;
                turn.Times?.Enter(TraceStage.Place, time.GetTimestamp());
                route ??= await run.RouteAsync(queue, pool, model, turnCancelled); // :: 2
                if (route is null)
                {
                    await Task.Delay(options.BridgePauseMax, time, turnCancelled);
                    continue;
                }
                try
                {
                    if (run.IsSameAgain) await Task.Delay(run.Pause(options), time, turnCancelled);
                    metrics.Routed(route.To.Affinity);
                    var call = Call(run, route.To, pool, model);
                    turn.Times?.Leave(TraceStage.Place, time.GetTimestamp(), detail: route.To.Destination.Name);
                    reading = metrics.Begin(call, pool);
                    var attempt = new UpstreamAttempt(drivers.For(route.To.Destination.Kind), options, time);
                    await foreach (var step in attempt.RunAsync(call, turnCancelled)) // :: 3
                    {
                        fault = step.Fault;
                        if (step.Event is not { } reported) continue;
                        reading.Note(reported);
                        if (reported is not BackendEvent.Accepted) route.To.Place.Output();
                        sealedItems.Note(turn, reported, call.Destination.Name);
                        if (!run.IsNew(reported)) continue;
                        if (reported is BackendEvent.Finished) Finish(run, reading, route, model);
                        route.To.Place.Pause();
                        yield return reported;
                        route.To.Place.GoOn();
                    }
                    if (fault is null) yield break;
                    run.Note(fault, call, pool, model);
                }
                finally
                {
                    route?.To.Place.AttemptEnded();
                    if (reading is not null) End(run, reading, fault is null ? AttemptReading.Cancelled : FaultKinds.Name(fault.Kind));
                }
                if (run.Recover(fault, reading.Call) is { } answer) throw answer; // :: 4
                route = run.Continue(route);
            }
        }
        finally
        {
            route?.Dispose();
        }
    }

    public PackedState? PackState(ChainNode node) => (node.State as UpstreamState)?.Pack();

    public BackendState? ReadState(PackedState packed, StoredTurn turn) => UpstreamState.Read(packed);

    public void RequireOpen(BackendTurn turn)
    {
        if (pools.Find(turn.Model ?? turn.Request.Model) is var (pool, model)) _ = SealedItems.IsSealed(turn, pool, model);
    }

    public bool RunsHostedTools(BackendTurn turn) =>
        pools.Find(turn.Model ?? turn.Request.Model) is not var (pool, model) || HostedPools.RunTools(pool, model);

    public bool CompactsItself(BackendTurn turn) =>
        pools.Find(turn.Model ?? turn.Request.Model) is var (pool, model) && _compacting.Compacts(pool, model);

    public void NoteNotCompacting(BackendTurn turn)
    {
        if (pools.Find(turn.Model ?? turn.Request.Model) is var (pool, _)) _compacting.NoteDidNot(pool);
    }

    public bool HasLimits => true;

    /// <summary>Of all destinations together that serve the model: where one of them is not limited, nothing is.</summary>
    public RateLimits? LimitsOf(string model, FlowId? flow, TenantId tenant) => pools.Find(model) is var (pool, resolved)
        ? PoolLimits.Of([.. pool.Destinations.Where(destination => destination.ModelFor(resolved) is not null)], flow, tenant) : null;

    /// <summary>Asks the destination that the turn would go to, where its protocol has the question.</summary>
    public async ValueTask<int?> CountInputAsync(BackendTurn turn, CancellationToken caller)
    {
        var asked = turn.Model ?? turn.Request.Model;
        var (pool, model) = pools.Find(asked) ?? throw new ApiException(Errors.ModelNotFound, asked ?? "", param: "model");
        // Where nobody counts no place is taken for asking.
        if (!pool.Destinations.Any(known => IsCounting(known) && known.ModelFor(model) is not null)) return null;
        var run = NewRun(turn, retriesMax: 0, pool, model);
        using var route = (await run.RouteAsync(queue, pool, model, caller))!; // a question waits for no connection
        var destination = route.To.Destination;
        if (!IsCounting(destination)) return null;
        var call = new UpstreamCall
        {
            Destination = destination, Model = route.To.Model, Turn = turn, Time = time,
            Events = drivers.Events, EventBytesMax = options.EventBytesMax,
            Tools = ToolNames.For(destination, turn.Tools, turn.Context, turn.Request.ToolChoice),
            Conversation = ConversationOf(turn, model),
            MakerOf = item => sealedItems.MakerOf(turn.Tenant, item),
            CallerKey = run.CallerKey,
        };
        await foreach (var step in new UpstreamAttempt(drivers.CounterOf(destination.Kind)!, options, time).RunAsync(call, caller))
        {
            if (step.Event is BackendEvent.Finished finished) return finished.Usage?.InputTokens;
            if (step.Fault is not { } fault || fault.Status is 404 or 405 or 501) continue;
            // Messages upstreams limit counting on its own, and some cannot: that says nothing of turns.
            var isOfCounting = destination.Kind == DestinationKind.Messages && fault.Kind != FaultKind.Connect;
            if (isOfCounting && fault.Kind is FaultKind.Server or FaultKind.Malformed) return null;
            // A question waits for no connection, and ends the wait of no turn that does.
            if (!isOfCounting) new Recovery(retriesMax: 0, options.BridgeMax).Note(fault, call, pool.HasOther(destination, model));
            throw FaultAnswer.For(OwnAffairs.LeftOut(UpstreamWords.Ours(fault, call), call), call);
        }
        return null;
    }

    private UpstreamRun NewRun(BackendTurn turn, int retriesMax, Pool pool, string model) =>
        new(turn, new Recovery(retriesMax, retriesMax > 0 ? options.BridgeMax : TimeSpan.Zero),
            sealedItems.BoundTo(turn), SealedItems.IsSealed(turn, pool, model), pools.Callers?.Of(turn.Tenant));

    private bool IsCounting(Destination destination) => drivers.CounterOf(destination.Kind) is not null;

    private UpstreamCall Call(UpstreamRun run, DestinationRoute.To route, Pool pool, string model)
    {
        var (turn, state) = (run.Turn, run.Turn.ParentState as UpstreamState);
        route.Place.MovesFor = run is { IsBound: false, Retries: 0 } && options.RetriesMax > 0 ? model : null;
        var conversation = state?.Conversation ?? ConversationOf(turn, model);
        return new UpstreamCall
        {
            Destination = route.Destination,
            Model = route.Model,
            Turn = turn,
            Time = time,
            Events = drivers.Events,
            EventBytesMax = options.EventBytesMax,
            EndTimes = _endTimes,
            Tools = ToolNames.For(route.Destination, turn.Tools, turn.Context, turn.Request.ToolChoice),
            Parent = !run.IsWhole && state is { IsHeld: true } && state.Destination == route.Destination.Name ? state : null,
            Conversation = conversation,
            Place = route.Place,
            IsBound = run.IsBound,
            OutputRoom = run.OutputRoomAt(route.Destination),
            IsSealed = run.IsSealed,
            MakerOf = item => sealedItems.MakerOf(turn.Tenant, item),
            PromptCacheKey = _keys.For(
                pool.KeyPolicy, turn, model, conversation, state, CacheRules.Of(route.Destination.Dialect, route.Model)),
            Lineage = Lineages.Of(turn, conversation),
            CallerKey = run.CallerKey,
        };
    }

    /// <summary>Before the client can know of the end: its next turn finds the place free and the conversation known.</summary>
    private void Finish(UpstreamRun run, AttemptReading reading, UpstreamRun.Routed route, string model)
    {
        var destination = reading.Call.Destination;
        destination.State.Way.Stands();
        destination.State.Lacked.Clear(reading.Call.Model);
        destination.State.Succeeded(reading.Spent.InputTokens + reading.Spent.OutputTokens, run.Turn.Flow);
        choice.Remember(run.Turn, model, destination.Name);
        End(run, reading, AttemptReading.Well);
        route.Dispose();
    }

    public void Dispose() => _overdue.Dispose();

    /// <summary>Every turn asks, and pools change rarely.</summary>
    private ServedModels ServedNow()
    {
        var current = pools.Current;
        return _served is { } served && ReferenceEquals(served.Pools, current) ? served : _served = ServedModels.Of(current);
    }

    private void End(UpstreamRun run, AttemptReading reading, string outcome)
    {
        if (run.Ended(reading)) metrics.Ended(reading, outcome);
    }

    private static string ConversationOf(BackendTurn turn, string model)
    {
        var tenant = turn.Tenant.Value;
        if (turn.Request.Hints.Thread is { } thread) return ConversationStart.Of(tenant, $"{turn.Request.Hints.Session}/{thread}");
        if (turn.Context.IsResent) return ConversationStart.Opening(turn, model);
        return ConversationStart.Of(tenant, (turn.Context.Parent?.Root ?? turn.Id).Value);
    }
}
