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
    private readonly ConditionalWeakTable<ChainNode, byte[]> _metadata = []; // of chat completions, where it was changed

    public MemoryChainStore(
        ChainOptions options, TimeProvider time, ChainMetrics metrics, ILogger<MemoryChainStore> logger, KeptNodes? kept = null)
    {
        _nodes = new(options, time, metrics.Dropped, logger, kept);
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

    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        new(Conversations.FindHead(tenant, id));

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => new(_nodes.Find(node.Tenant, node.Id) is not null);

    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) => new(_nodes.FindItem(tenant, itemId));

    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ChainNode? parent, CancellationToken turnCancelled) => new(ChainClaim.New);

    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
    {
        if (claim.Conversation is { } move && Refused(node, move) is { } error) return ValueTask.FromException(error);
        if (node.IsHidden) return ValueTask.CompletedTask;
        _nodes.Add(node, out var isNew);
        if (!isNew) throw new InvalidOperationException($"{node.Id} is stored already.");
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(_nodes.Remove(tenant, id));

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, CancellationToken nodeStopping)
    {
        Conversations.GoBack(tenant, id);
        _nodes.Remove(tenant, id);
        return ValueTask.CompletedTask;
    }

    ValueTask<CompletionRow?> ICompletionRows.FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        new(_nodes.Find(tenant, id) is { Kind: RowKind.ChatCompletion } node ? Row(node) : null);

    ValueTask<bool> ICompletionRows.SetMetadataAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata, CancellationToken caller)
    {
        if (_nodes.Find(tenant, id) is not { Kind: RowKind.ChatCompletion } node) return new(false);
        _metadata.AddOrUpdate(node, metadata.ToArray());
        return new(true);
    }

    ValueTask<IReadOnlyList<CompletionRow>> ICompletionRows.ListAsync(
        TenantId tenant, ResponseId? after, bool isDescending, int countMax, CancellationToken caller)
    {
        var all = _nodes.All(tenant).FindAll(static node => node.Kind == RowKind.ChatCompletion);
        if (isDescending) all.Reverse();
        var first = after is { } known ? all.FindIndex(node => node.Id == known) + 1 : 0;
        return new(all.Skip(first).Take(countMax).Select(Row).ToArray());
    }

    private CompletionRow Row(ChainNode node) => new(
        node.Id, node.Response.Model, _metadata.TryGetValue(node, out var changed) ? changed : node.Response.Request.Metadata.Utf8);

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
