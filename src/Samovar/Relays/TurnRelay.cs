using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>One turn on its way to its owner, as often as it has to be sent, and its events on their way back.</summary>
internal sealed class TurnRelay(TurnState turn, IPeerLinks links, TurnOptions options, ClusterMetrics metrics, TimeProvider time) : ITurnRelay
{
    private ClusterNode? _to;

    /// <summary>A response of its chain.</summary>
    public ResponseId? Known { get; set; }

    public async ValueTask<RelayEnd?> SendAsync(ClusterNode to, long epoch, TurnPast past, CancellationToken turnCancelled)
    {
        if (Request(epoch, past) is not { } request) return new RelayEnd.NotReached(); // put together here: there is nothing to send
        (_to, turn.IsAdmitted) = (to, true);
        var begun = time.GetTimestamp();
        try
        {
            switch (await links.SendAsync(to, request, turnCancelled))
            {
                case PeerAnswer.Refused refused:
                    return new RelayEnd.Refused(refused.Why);
                case PeerAnswer.Failed { Error: var error } when error.Kind == Errors.ServerStopping:
                    return new RelayEnd.Refused(PlaceRefusal.Draining);
                case PeerAnswer.Failed failed:
                    throw failed.Error;
                case PeerAnswer.Running running:
                    return await CarryAsync(running.Events, begun, turnCancelled);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
        catch (PeerLostException lost)
        {
            metrics.Relayed(lost.WasSent ? "broken" : "not_reached", firstEvent: null);
            return lost.WasSent ? new RelayEnd.Broken(turn.Carried?.WasHeard == true) : new RelayEnd.NotReached();
        }
    }

    /// <summary>The turn ends badly after its client has begun to read. The owner's copy is told, where there may be one.</summary>
    public async ValueTask EndAsync(Exception exception)
    {
        var error = turn.Life.Explain(exception);
        var isCancelled = turn.Life.IsCancelledByClient;
        turn.Carried!.End(isCancelled ? null : error);
        turn.Elsewhere = new ElsewhereEnd(_to!.Name, isCancelled ? "cancelled" : "failed");
        turn.Request.Parents.Fail(turn.Request.Request.PreviousResponseId, isCancelled ? TurnFailure.Cancelled : TurnFailure.Failed);
        turn.Publish();
        if (exception is OperationCanceledException) await links.CancelAsync(_to, turn.Request.Tenant, turn.Id, turn.Life.Patience);
    }

    private async Task<RelayEnd?> CarryAsync(IAsyncEnumerable<LoggedEvent> events, long begun, CancellationToken turnCancelled)
    {
        await foreach (var e in events.WithCancellation(turnCancelled))
        {
            if (turn.Carried is null) Begin(begun);
            var carried = turn.Carried!;
            if (carried.WasHeard) turn.NoteOutput();
            if (e.IsTerminal) KeepEnd(e);
            if (!await carried.TryAddAsync(e, turnCancelled))
                throw new PeerLostException($"Event {e.Number} is not the one that follows.", wasSent: true);
            if (!e.IsTerminal) continue;
            turn.Publish();
            metrics.Relayed("ended", firstEvent: null);
            return null;
        }
        throw new PeerLostException("It ended before the turn did.", wasSent: true);
    }

    private void Begin(long begun)
    {
        metrics.Relayed("begun", time.GetElapsedTime(begun));
        turn.Begin(new CarriedEvents(
            turn.Id, turn.Request.Form, TurnEvents.BoundsOf(turn.Request, options, turn.Times.Trace)));
    }

    /// <summary>Before anybody can see the end, the client's lane knows what it goes on from.</summary>
    private void KeepEnd(LoggedEvent end)
    {
        turn.Elsewhere = new ElsewhereEnd(_to!.Name, end.Type["response.".Length..]);
        if (end.Type is "response.completed" or "response.incomplete") turn.Request.Parents.Lose(turn.Id);
        else turn.Request.Parents.Fail(turn.Request.Request.PreviousResponseId, TurnFailure.Failed);
    }

    private RelayedRequest? Request(long epoch, TurnPast past) => turn.Request.Sent is not { } sent ? null : new RelayedRequest
    {
        Tenant = turn.Request.Tenant,
        Flow = turn.Request.Flow,
        Id = turn.Id,
        Known = Known ?? turn.Id,
        Epoch = epoch,
        Past = past,
        Sent = sent.Json,
        IsBareFrame = sent.IsBareFrame,
        Previous = turn.Request.Request.PreviousResponseId,
        Hints = turn.Request.Request.Hints,
        Events = turn.Request.Events,
        Client = turn.Request.Client,
    };
}
