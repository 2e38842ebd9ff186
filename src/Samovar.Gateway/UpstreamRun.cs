using System.Collections.Frozen;
using Samovar.Backends;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway;

/// <summary>
/// One turn on its way through one or more destinations: what was tried, what the client has seen, what the record will say.
/// </summary>
/// <param name="boundTo">The only destination that can take it; null where any can.</param>
/// <param name="isSealed">Whether its history is in a compaction.</param>
/// <param name="callerKey">What its client sent, for destinations that get it: the same for all attempts.</param>
internal sealed class UpstreamRun(BackendTurn turn, Recovery recovery, string? boundTo, bool isSealed, string? callerKey)
{
    private static readonly TimeSpan KeyWait = TimeSpan.FromSeconds(1); // it comes with the next request
    private static readonly IReadOnlySet<string> Nothing = FrozenSet<string>.Empty;
    private readonly TimeSpan _queuedBefore = turn.Report.Queued ?? TimeSpan.Zero;
    private HashSet<string>? _excluded; // few turns fail anywhere
    private HashSet<string>? _refused; // those of them that would say the same again
    private UpstreamCall? _counted;
    private UpstreamFault? _lastFault;
    private ApiException? _lastAnswer;
    private Destination? _failedAt;
    private bool _isAccepted;
    private bool _isPlaceKept;
    private (Destination At, int Tokens)? _outputRoom; // once: an answer that was asked for again is asked for no third time

    public BackendTurn Turn { get; } = turn;
    public int Retries => recovery.Retries + (_outputRoom is null ? 0 : 1);

    public string? CallerKey => callerKey;

    /// <summary>How long to wait before the destination that has just failed is asked again.</summary>
    public TimeSpan Pause(UpstreamOptions options) => recovery.Pause(options);

    /// <summary>Whether only the destination that it runs at can go on from it.</summary>
    public bool IsBound => boundTo is not null;

    /// <summary>Whether its history is in a compaction that a client brought.</summary>
    public bool IsSealed => isSealed;

    /// <summary>Whether the next attempt must send the whole context.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether the attempt goes to a destination that has just failed, so that a pause is due.</summary>
    public bool IsSameAgain { get; private set; }

    /// <summary>Finds the destination of the next attempt, after a wait where every one is at its limits.</summary>
    /// <returns>Null where none is fit and the turn waits for a connection: it looks again after a pause.</returns>
    /// <exception cref="ApiException">No destination is left.</exception>
    public async ValueTask<Routed?> RouteAsync(WaitQueue queue, Pool pool, string model, CancellationToken turnCancelled)
    {
        var wanted = Wanted(model, _excluded);
        // a turn that may go back to where it was does so rather than wait for another
        var isSameAllowed = _excluded?.Count > (_refused?.Count ?? 0);
        var route = await queue.RouteAsync(wanted, pool, mayWait: !isSameAllowed, turnCancelled);
        IsSameAgain = route is DestinationRoute.Nowhere && isSameAllowed;
        if (IsSameAgain) route = await queue.RouteAsync(Wanted(model, _refused), pool, mayWait: true, turnCancelled);
        if (route is DestinationRoute.Nowhere { IsUnfit: true } && recovery.IsBridging) return null;
        if (route is not DestinationRoute.To to)
        {
            // That one has no such model says nothing of others that have no place now.
            var isOfOthers = _lastFault is { Kind: FaultKind.NoModel } && route is DestinationRoute.Nowhere { Refusals.Count: > 0 };
            throw isOfOthers ? FaultAnswer.For(route, model) : _lastAnswer ?? FaultAnswer.For(route, model);
        }
        if (LacksKey(to.Destination))
        {
            to.Place.Dispose();
            throw new ApiException(Errors.UpstreamUnavailable, DurationText.Wait(KeyWait), retryAfter: KeyWait);
        }
        Turn.Report.Destination = to.Destination.Name;
        Turn.Report.Affinity ??= to.Affinity;
        if (_failedAt is { } failedAt && _lastFault is { } fault && failedAt != to.Destination)
            failedAt.State.Notices.FailedOver(to.Destination.Name, FaultKinds.Name(fault.Kind));
        return new Routed(to);
    }

    /// <summary>The place of the next attempt: the same one where the same destination is asked again, else none yet.</summary>
    public Routed? Continue(Routed route)
    {
        if (!_isPlaceKept)
        {
            route.Dispose();
            return null;
        }
        IsSameAgain = false;
        route.To.Destination.State.Repeated(Turn.Flow);
        return route;
    }

    /// <summary>Whether an event goes to the client: a second attempt does not accept the turn a second time.</summary>
    public bool IsNew(BackendEvent reported)
    {
        if (reported is not BackendEvent.Accepted) return true;
        if (_isAccepted) return false;
        return _isAccepted = true;
    }

    /// <summary>Adds an attempt's figures to the record, once.</summary>
    public bool Ended(AttemptReading reading)
    {
        var call = reading.Call;
        if (ReferenceEquals(_counted, call)) return false;
        _counted = call;
        var report = Turn.Report;
        report.BytesToUpstream += call.BytesUp;
        report.BytesBack += call.BytesDown;
        report.Spent = report.Spent.Plus(reading.Spent);
        if (reading.InputCost is { } cost) report.InputCost = (report.InputCost ?? 0) + cost;
        report.Retries = Retries;
        report.Dropped = call.Dropped;
        if (Turn.Context.Parent is not null && !call.IsDelta) report.MissCause ??= MissCause(call);
        return true;
    }

    /// <summary>Notes what an attempt's fault says about its destination.</summary>
    public void Note(UpstreamFault fault, UpstreamCall call, Pool pool, string model) =>
        recovery.Note(fault, call, hasOthers: !IsBound && pool.HasOther(call.Destination, model),
            by: fault.MayBeOfItsRequest ? ConversationStart.Opening(Turn, model) : null);

    /// <summary>The error for the client; null when the turn is tried again.</summary>
    public ApiException? Recover(UpstreamFault fault, UpstreamCall call)
    {
        Turn.Report.Faults.Add($"{call.Destination.Name}:{FaultKinds.Name(fault.Kind)}");
        if (IsShortened(fault, call)) return null;
        var step = recovery.After(fault, call);
        var answer = FaultAnswer.For(OwnAffairs.LeftOut(UpstreamWords.Ours(fault, call), call), call);
        if (fault.Kind == FaultKind.NoModel) answer = _lastAnswer ?? answer; // the client's only where all say so
        if (step == RecoveryStep.GiveUp) return answer;
        (_lastFault, _lastAnswer, _failedAt, IsWhole) = (fault, answer, call.Destination, true);
        if (step != RecoveryStep.AgainWhole) (_excluded ??= new(StringComparer.Ordinal)).Add(call.Destination.Name);
        if (step == RecoveryStep.OnlyElsewhere) (_refused ??= new(StringComparer.Ordinal)).Add(call.Destination.Name);
        _isPlaceKept = step == RecoveryStep.AgainWhole;
        return null;
    }

    private RouteRequest Wanted(string model, IReadOnlySet<string>? excluded) => new(Turn, model, excluded ?? Nothing, boundTo, isSealed)
    {
        Waited = (Turn.Report.Queued ?? TimeSpan.Zero) - _queuedBefore,
    };

    /// <summary>Whether an answer whose length its client left to us is asked for again, once, with what there is room for.</summary>
    private bool IsShortened(UpstreamFault fault, UpstreamCall call)
    {
        if (_outputRoom is not null || call.Destination.Kind != DestinationKind.Messages || call.Phase == CallPhase.Output
            || Turn.Request.MaxOutputTokens is not null || OutputRoomOf(fault, call) is not { } room) return false;
        (_outputRoom, _isPlaceKept, IsWhole) = ((call.Destination, room), true, true);
        return true;
    }

    /// <summary>What the destination itself said that there is room for, see <see cref="UpstreamCall.OutputRoom"/>.</summary>
    public int? OutputRoomAt(Destination destination) => _outputRoom is { } room && room.At == destination ? room.Tokens : null;

    private static int? OutputRoomOf(UpstreamFault fault, UpstreamCall call) => Faults.OutputRoom.Of(fault, call.OutputTokensMax);

    /// <summary>Whether the destination is to get the client's key, and this server has forgotten it.</summary>
    private bool LacksKey(Destination destination) => callerKey is null && destination.IsOfCallers && CallerKeys.IsOfKey(Turn.Tenant);

    /// <summary>Why a continuation had to send everything.</summary>
    private string MissCause(UpstreamCall call)
    {
        if (_lastFault is { } fault) return FaultKinds.Name(fault.Kind);
        if (Turn.Context.IsFirstBehindCompaction) return MissReasons.Compacted;
        if (Turn.ParentState is not UpstreamState state || state.Destination != call.Destination.Name) return "moved";
        if (state.KeepsNothing) return "upstream_keeps_no_state";
        return state.Socket is { IsRotated: true } ? "socket_rotated" : "socket_gone";
    }

    /// <summary>A destination with the turn's place there.</summary>
    internal sealed record Routed(DestinationRoute.To To) : IDisposable
    {
        public void Dispose() => To.Place.Dispose();
    }
}
