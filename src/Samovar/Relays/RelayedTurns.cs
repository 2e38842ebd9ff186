using Samovar.Backends;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Turns whose clients are here and whose chains may be at other nodes: each is brought to its owner, and its events
/// back.</summary>
/// <remarks>
/// Only a turn that adds to a stored chain has a place. One that is not stored runs where its client is, whoever owns what it continues: it
/// reads the chain and changes nothing. It holds no place among the turns that run here while it is elsewhere, so that two nodes never wait
/// for each other's places; <see cref="TurnsElsewhere"/> bounds those.
/// </remarks>
internal sealed class RelayedTurns(
    TurnPlacer placer, IPeerLinks links, ConversationStore conversations, ModelRouter router, TurnsElsewhere elsewhere,
    TurnOptions turns, ClusterMetrics metrics, TimeProvider time) : ITurnPlaces
{
    public async ValueTask<PlacedHere?> PlaceAsync(TurnState turn)
    {
        if (turn.Request.Placing is { } placed) return new PlacedHere(placed); // by the node that has its client
        if (!turn.Request.Request.Store && turn.Request.Request.Conversation is null) return new PlacedHere(Placing: null);
        using var relay = new TurnRelay(turn, links, elsewhere, turns, metrics, time);
        try
        {
            return await PlaceAsync(turn, relay);
        }
        catch (Exception exception) when (turn.Carried is not null) // its client reads already: its end says what became of it
        {
            await relay.EndAsync(exception);
            return null;
        }
        catch // before its client could read anything
        {
            await relay.CancelAsync();
            throw;
        }
    }

    public async ValueTask<bool> MayAddAsync(ChainNode to, CancellationToken turnCancelled)
    {
        try
        {
            return await placer.MayAddAsync(to.Tenant, to.Id, turnCancelled);
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    private async Task<PlacedHere?> PlaceAsync(TurnState turn, TurnRelay relay)
    {
        var (tenant, ends) = (turn.Request.Tenant, turn.Life.Token);
        var known = turn.Request.Request.PreviousResponseId ?? await HeadAsync(turn);
        relay.Known = known;
        switch (await placer.PlaceAsync(tenant, turn.Id, known, new TurnCourse { MayBeginAnywhere = MayBeginAnywhere(turn) }, relay, ends))
        {
            case PlacedTurn.Here here:
                if (here.Taken is { } taken) metrics.Taken(taken.Reason);
                return new PlacedHere(new TurnPlacing(here.Root, here.Epoch, here.Past) { Taken = here.Taken });
            case PlacedTurn.Elsewhere:
                return null;
            case PlacedTurn.Refused refused:
                throw ErrorOf(refused.Why);
            default:
                throw new System.Diagnostics.UnreachableException("A turn that begins here has a new name.");
        }
    }

    /// <summary>A first turn whose words this server's own engine makes: nothing of it is warm here yet but what all have.</summary>
    private bool MayBeginAnywhere(TurnState turn) =>
        turn.Request is { Sent.Api: ClientApi.Responses, Conversation: null, Request: var request } // of others older nodes know nothing
        && request is { PreviousResponseId: null, Conversation: null, Store: true, Background: false }
        && !Homes.AreFor(request, sendsAll: false) && router.IsMadeHere(request.Model);

    /// <summary>One that is not there is reported where the turn is prepared.</summary>
    private async ValueTask<ResponseId?> HeadAsync(TurnState turn)
    {
        if (turn.Request is not { Conversation: null, Request.Conversation: { } id }) return null;
        try { return (await conversations.FindAsync(turn.Request.Tenant, id, turn.Life.Token)).Head; }
        catch (ApiException unknown) when (unknown.Kind == Errors.ConversationNotFound) { return null; }
    }

    private ApiException ErrorOf(PlaceRefusal why) => why switch
    {
        PlaceRefusal.StoreAway => StoreCalls.Unavailable(cause: null),
        PlaceRefusal.Unsettled => TurnsElsewhere.Full(turns),
        _ => new ApiException(Errors.ServerStopping), // this node's life is over, or ends
    };
}
