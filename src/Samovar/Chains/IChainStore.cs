using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Keeps <c>store:true</c> responses by tenant and id: in memory alone, or durable behind a cache.</summary>
/// <remarks>Each call throws <c>ApiException</c> of <c>store_unavailable</c> where what it needs cannot be reached now.</remarks>
public interface IChainStore
{
    /// <summary>Whether what it keeps outlives the process.</summary>
    bool IsDurable { get; }

    /// <summary>Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>The response alone, its chain left where it is as far as it says nothing of it: for those who show it. It counts as no use
    /// of it. Null as above.</summary>
    async ValueTask<Response?> FindResponseAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        (await FindAsync(tenant, id, caller))?.Response;

    /// <summary>The node where it is in memory, for those who only look: it counts as no use of it. Null where it is not.</summary>
    ChainNode? Peek(TenantId tenant, ResponseId id) => null;

    /// <summary>A conversation's newest row, which is there though it may not be found by its id.</summary>
    ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>The same for whoever appends items behind it, and needs only its place and counts: what is before is not read.</summary>
    ValueTask<ChainNode?> FindEndAsync(TenantId tenant, ResponseId id, CancellationToken caller) => FindHeadAsync(tenant, id, caller);

    /// <summary>The chain up to a row, for lists, which read a part of it; null for an unknown id and for somebody else's alike.</summary>
    /// <param name="isHead">Whether a conversation asks for its newest row, which is there though it may not be found by its id.</param>
    ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller);

    /// <summary>Whether a stored response, which the caller has, can still be found.</summary>
    ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller);

    /// <summary>Whether a stored response that a connection keeps has been deleted, or has reached its age in what outlives the process.
    /// One that only gave way to others here has not; nor has one of which nobody can say so now.</summary>
    async ValueTask<bool> WasDeletedAsync(ChainNode node, CancellationToken caller) => !await IsThereAsync(node, caller);

    /// <summary>An item of a stored response, for <c>item_reference</c>. Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller);

    /// <summary>A turn that will add a response begins: whoever else had its tree of responses adds nothing to it from now on.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="parent">What it continues; null where it begins a conversation.</param>
    /// <param name="placed">The epoch under which the turn was placed at this node, which then has the tree; null or 0: that is found
    /// out.</param>
    /// <param name="turnCancelled">The turn is over.</param>
    ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled);

    /// <summary>
    /// After this returns a continuation can find the node: called before the terminal event is published. Throws <c>ApiException</c>
    /// where the node could not be stored, or may have been: <see cref="TakeBackAsync"/> makes sure that it is not.
    /// </summary>
    ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping);

    ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>
    /// The response was reported as failed: from now on nobody finds it, whatever became of its adding. A store that cannot be reached
    /// loses it as soon as it can. Where somebody else has the tree by then, and the response is there, it stays.
    /// </summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="claim">That it was added with.</param>
    /// <param name="nodeStopping">Nobody waits for it any more.</param>
    ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping);
}
