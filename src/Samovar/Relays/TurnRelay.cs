using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>One turn on its way to its owner, as often as it has to be sent, and its events on their way back. It counts as one that is
/// elsewhere until it is disposed: when its client has been told its end, or it runs here.</summary>
internal sealed class TurnRelay(
    TurnState turn, IPeerLinks links, TurnsElsewhere elsewhere, TurnOptions options, ClusterMetrics metrics, TimeProvider time)
    : ITurnRelay, IDisposable
{
    private readonly RelayedSteers _steers = new(links, turn);
    private ClusterNode? _to, _mayRunAt; // where it was sent last; the same where it may still run there
    private TimeSpan? _firstEvent;
    private (Incarnation By, long Epoch)? _copy; // that it was sent to last
    private long _newest; // event of that copy
    private bool _isAway, _isUsageUnknown;

    /// <summary>A response of its chain.</summary>
    public ResponseId? Known { get; set; }

    public async ValueTask<RelayEnd?> SendAsync(ClusterNode to, long epoch, TurnPast past, CancellationToken turnCancelled)
    {
        if (Request(to, epoch, past) is not { } request) return new RelayEnd.NotReached(); // put together here: there is nothing to send
        if (!_isAway && !elsewhere.TryEnter(turn.Request.Flow))
            return request.MayRunHere ? new RelayEnd.NotReached() : throw elsewhere.Full();
        if (_copy != (to.Incarnation, epoch)) (_copy, _newest) = ((to.Incarnation, epoch), -1); // another counts from its own beginning
        var before = _mayRunAt;
        (_to, _mayRunAt, _isAway, turn.IsAdmitted, _firstEvent) = (to, to, true, true, null);
        var outcome = "failed";
        try
        {
            var end = await SendAsync(to, request, turnCancelled);
            outcome = end is null ? "ended" : "refused";
            _mayRunAt = null;
            return end;
        }
        catch (PeerLostException lost)
        {
            outcome = lost.WasSent ? "broken" : "not_reached";
            if (!lost.WasSent) _mayRunAt = before;
            return lost.WasSent ? new RelayEnd.Broken(turn.Carried?.WasHeard == true) : new RelayEnd.NotReached();
        }
        finally
        {
            metrics.Relayed(outcome, _firstEvent);
        }
    }

    public void Dispose()
    {
        if (_isAway) elsewhere.Leave(turn.Request.Flow);
    }

    private async ValueTask<RelayEnd?> SendAsync(ClusterNode to, RelayedRequest request, CancellationToken turnCancelled)
    {
        var begun = time.GetTimestamp();
        switch (await links.SendAsync(to, request, turnCancelled))
        {
            case PeerAnswer.Refused refused:
                return new RelayEnd.Refused(refused.Why);
            case PeerAnswer.Failed { Error: var error } when error.Kind == Errors.ServerStopping:
                return new RelayEnd.Refused(PlaceRefusal.Draining);
            case PeerAnswer.Failed { Error: var error } when request.MayRunHere && IsOfTheNode(error):
                return new RelayEnd.Refused(PlaceRefusal.Full);
            case PeerAnswer.Failed failed:
                if (request.Past == TurnPast.None) _mayRunAt = null; // else it may be there, and cannot be read now
                throw failed.Error;
            case PeerAnswer.Running running:
                await CarryAsync(running.Events, begun, turnCancelled);
                if (_isUsageUnknown && turn.Quota is not null) await CancelAsync(); // it is over: this asks what it used
                await NoteKeptAsync();
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The turn ends badly after its client has begun to read. The owner's copy is told, where there may be one.</summary>
    public async ValueTask EndAsync(Exception exception)
    {
        var error = turn.Life.Explain(exception);
        var isCancelled = turn.Life.IsCancelledByClient;
        turn.Quota?.LetGo();
        turn.Carried!.End(isCancelled ? null : error);
        turn.Elsewhere = new ElsewhereEnd(_to!.Name, isCancelled ? "cancelled" : "failed");
        turn.Request.Parents.Fail(turn.Request.Request.PreviousResponseId, isCancelled ? TurnFailure.Cancelled : TurnFailure.Failed);
        turn.Publish();
        await CancelAsync();
        turn.Quota?.End(Heard);
    }

    /// <summary>Nobody wants the turn any more. Where it may run it is told: else it would go on for its grace, and be stored. What it has
    /// used counts against its tenant's quotas.</summary>
    public async ValueTask CancelAsync()
    {
        if (_mayRunAt is not { } node) return;
        Usage? spent = null;
        try { spent = await links.CancelAsync(node, turn.Request.Tenant, turn.Id, turn.Life.Patience); }
        catch (OperationCanceledException)
        {
            // patience has ended; the turn's own end is what counts
        }
        turn.Quota?.End(spent ?? Heard);
    }

    /// <summary>What is known here of its use where the other node does not say: the pieces that came are about its tokens.</summary>
    private Usage Heard => new(0, 0, turn.Outputs, 0);

    private async Task CarryAsync(IAsyncEnumerable<LoggedEvent> events, long begun, CancellationToken turnCancelled)
    {
        _steers.Begin(_to!);
        try { await CarryAllAsync(events, begun, turnCancelled); }
        finally
        {
            await _steers.EndAsync();
        }
    }

    /// <summary>What follows words that were said meanwhile goes on from what the other node has stored.</summary>
    private async ValueTask NoteKeptAsync()
    {
        if (!_steers.IsUsed) return;
        try
        {
            var kept = await turn.Request.Parents.FindAsync(turn.Id, CancellationToken.None);
            turn.Elsewhere = turn.Elsewhere! with { Kept = kept };
        }
        catch (ApiException)
        {
            // nothing follows, and its client has its words back
        }
    }

    private async Task CarryAllAsync(IAsyncEnumerable<LoggedEvent> events, long begun, CancellationToken turnCancelled)
    {
        await foreach (var e in events.WithCancellation(turnCancelled))
        {
            _firstEvent ??= time.GetElapsedTime(begun);
            if (turn.Carried is null) Begin();
            var carried = turn.Carried!;
            if (carried.WasHeard) turn.NoteOutput();
            if (e.IsTerminal) KeepEnd(e);
            _newest = e.Number;
            if (!await carried.TryAddAsync(e, turnCancelled))
                throw new PeerLostException($"Event {e.Number} is not the one that follows.", wasSent: true);
            if (!e.IsTerminal) continue;
            turn.Publish();
            return;
        }
        throw new PeerLostException("It ended before the turn did.", wasSent: true);
    }

    private void Begin()
    {
        turn.Away = _steers;
        turn.Begin(new CarriedEvents(turn.Id, turn.Request.Form, TurnEvents.BoundsOf(turn.Request, options, turn.Times.Trace),
            turn.Request.Events.Snapshots == SnapshotKind.Translated));
    }

    /// <summary>Before anybody can see the end, the client's lane knows what it goes on from.</summary>
    private void KeepEnd(LoggedEvent end)
    {
        turn.Elsewhere = new ElsewhereEnd(_to!.Name, end.Type["response.".Length..]);
        var usage = UsageOf(end);
        _isUsageUnknown = usage is null;
        turn.Quota?.End(usage); // a tenant's quota is counted where its client is
        if (end.Type is "response.completed" or "response.incomplete") turn.Request.Parents.Lose(turn.Id);
        else turn.Request.Parents.Fail(turn.Request.Request.PreviousResponseId, TurnFailure.Failed);
    }

    /// <remarks>What a node says was bounded there: it may be longer than any request.</remarks>
    private static Usage? UsageOf(LoggedEvent end) =>
        EventReader.TryRead(end.Json, ProtocolLimits.None, out var read) ? read.Response?.Usage : null;

    /// <summary>Whether another node may do it.</summary>
    private static bool IsOfTheNode(ApiException error) =>
        error.Kind == Errors.ServerOverloaded || error.Kind == Errors.StoreUnavailable || error.Kind == Errors.ModelNotFound;

    private RelayedRequest? Request(ClusterNode to, long epoch, TurnPast past) => turn.Request.Sent is not { } sent ? null : new()
    {
        Tenant = turn.Request.Tenant,
        Flow = turn.Request.Flow,
        Id = turn.Id,
        Known = Known ?? turn.Id,
        Epoch = epoch,
        To = epoch == 0 ? to.Incarnation : null,
        Past = past,
        After = _copy == (to.Incarnation, epoch) && turn.Carried is { } carried ? Math.Min(_newest, carried.Newest) : -1,
        Sent = sent.Json,
        Api = sent.Api,
        IsBareFrame = sent.IsBareFrame,
        Previous = turn.Request.Request.PreviousResponseId,
        Hints = turn.Request.Request.Hints,
        Events = turn.Request.Events,
        CanBeSteered = turn.Request.CanBeSteered,
        Client = turn.Request.Client,
    };
}
