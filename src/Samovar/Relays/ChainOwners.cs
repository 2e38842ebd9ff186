using Samovar.Cluster;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Stores;

namespace Samovar.Relays;

/// <summary>Finds who owns the chain that a request continues.</summary>
internal sealed class ChainOwners(ITreeRows rows, ConversationStore conversations, ICluster cluster)
{
    /// <returns>Null where it is this node, nobody who is active, or not known: then the turn itself finds out.</returns>
    public async ValueTask<ClusterNode?> FindOtherAsync(TenantId tenant, CreateRequest request, CancellationToken caller)
    {
        try
        {
            if (await KnownAsync(tenant, request, caller) is not { } known) return null;
            return await rows.FindAsync(tenant, known, caller) is { Node: { State: NodeState.Active } owner }
                && owner.Incarnation != cluster.Standing.Incarnation ? owner : null;
        }
        catch (Exception unknown) when (unknown is StoreAwayException or ApiException)
        {
            return null;
        }
    }

    private async ValueTask<ResponseId?> KnownAsync(TenantId tenant, CreateRequest request, CancellationToken caller) =>
        request.PreviousResponseId
        ?? (request.Conversation is { } id ? (await conversations.FindAsync(tenant, id, caller)).Head : null);
}
