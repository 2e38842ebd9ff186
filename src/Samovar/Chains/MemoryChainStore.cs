using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Stored responses in memory alone: what is evicted, or the process had, is gone.</summary>
internal sealed class MemoryChainStore : IChainStore, ICompletionRows
{
    private readonly ChainCache _nodes;
    private readonly IStatePacking? _states;
    private readonly CompletionIndex _completions = new();
    private readonly ConditionalWeakTable<ChainNode, object> _deleted = []; // as long as a connection has them

    public MemoryChainStore(
        ChainOptions options, TimeProvider time, ChainMetrics metrics, ILogger<MemoryChainStore> logger, KeptNodes? kept = null,
        IStatePacking? states = null)
    {
        _states = states;
        _nodes = new(options, time, metrics.Dropped, logger, kept, _completions);
        Conversations = new(_nodes, options);
        metrics.WatchCache(() => new CachedChains(_nodes.Count, _nodes.Bytes, options.BytesMax));
    }

    /// <summary>Responses that can be found.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes of all nodes that are kept in memory by findable ones.</summary>
    public long Bytes => _nodes.Bytes;

    /// <summary>Conversations, whose chains lie here.</summary>
    public MemoryConversations Conversations { get; }

    public bool IsDurable => false;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(_nodes.Find(tenant, id));

    public ChainNode? Peek(TenantId tenant, ResponseId id) => _nodes.FindInMemory(tenant, id);

    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        new(Conversations.FindHead(tenant, id));

    public ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller) =>
        new((isHead ? Conversations.FindHead(tenant, id) : _nodes.Find(tenant, id, isUse: false)) is { } head
            ? new NodeExcerpt(head, _nodes) : null);

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => new(_nodes.Find(node.Tenant, node.Id) is not null);

    public ValueTask<bool> WasDeletedAsync(ChainNode node, CancellationToken caller) => new(_deleted.TryGetValue(node, out _));

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        new(_nodes.FindItem(tenant, itemId)?.Item);

    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled) =>
        new(ChainClaim.New);

    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
    {
        if (claim.Conversation is { } move && Refused(node, move) is { } error) return ValueTask.FromException(error);
        if (node.IsHidden) return ValueTask.CompletedTask;
        _nodes.Add(node, out var isNew);
        if (!isNew) throw new InvalidOperationException($"{node.Id} is stored already.");
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        _states?.Forget(tenant, id);
        if (_nodes.Find(tenant, id, isUse: false) is { } node) _deleted.AddOrUpdate(node, node);
        return new(_nodes.Remove(tenant, id));
    }

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping)
    {
        Conversations.GoBack(tenant, id);
        _states?.Forget(tenant, id);
        _nodes.Remove(tenant, id);
        return ValueTask.CompletedTask;
    }

    ValueTask<CompletionRow?> ICompletionRows.FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        new(_nodes.Find(tenant, id) is null ? null : _completions.Find(tenant, id));

    ValueTask<bool> ICompletionRows.SetMetadataAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata, CancellationToken caller) =>
        new(_nodes.Find(tenant, id) is not null && _completions.SetMetadata(tenant, id, metadata));

    ValueTask<IReadOnlyList<CompletionRow>> ICompletionRows.ListAsync(
        TenantId tenant, IReadOnlyList<CompletionLabel> labels, ResponseId? after, bool isDescending, int countMax,
        CancellationToken caller) => new(_completions.List(tenant, labels, after, isDescending, countMax));

    /// <summary>Moves a conversation's head to the node; why that cannot be, where it cannot.</summary>
    private ApiException? Refused(ChainNode node, ConversationMove move)
    {
        try
        {
            Conversations.Move(node, move);
            return null;
        }
        catch (ChainLostException lost)
        {
            return new ApiException(Errors.ChainLost, [], cause: lost);
        }
        catch (StoreFullException full)
        {
            return new ApiException(Errors.StoreFull, full.Message, cause: full);
        }
    }
}
