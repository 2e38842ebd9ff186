using Microsoft.Extensions.Logging;
using Samovar.Chains.Packing;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains.Durable;

/// <summary>Stored responses as rows that outlive the process, behind a cache that is bounded in bytes.</summary>
/// <remarks>
/// A response can be found once its row is durable, and not before. What the cache lets go is read again when somebody asks for it, up to
/// the nearest response that is still in memory.
/// </remarks>
internal sealed class DurableChainStore : IChainStore, IAsyncDisposable
{
    private const int LargestRead = 2; // a chain's end may pass its bound by what it answered, and weighs a little more when it is read

    private readonly IChainRows _rows;
    private readonly IStatePacking? _states;
    private readonly ChainCache _nodes;
    private readonly ChainReading _reading;
    private readonly TakenBackResponses _takenBack;
    private readonly ChainMetrics _metrics;
    private readonly TimeProvider _time;

    /// <param name="states">What becomes of what backends keep; null: nothing.</param>
    /// <param name="bounds">How large chains become, so that no larger one is read; null: whatever is stored is read.</param>
    public DurableChainStore(
        IChainRows rows, IStatePacking? states, ChainOptions options, TimeProvider time, ChainMetrics metrics,
        ILogger<DurableChainStore> logger, KeptNodes? kept = null, ChainBounds? bounds = null)
    {
        (_rows, _states, _metrics, _time) = (rows, states, metrics, time);
        _nodes = new ChainCache(options, time, metrics.Evicted, logger, kept);
        var largest = bounds is null ? long.MaxValue : Math.Max(options.BytesMax, LargestRead * bounds.BytesMax);
        _reading = new ChainReading(rows, _nodes, states, metrics, time, largest);
        _takenBack = new TakenBackResponses(rows, time, logger);
        metrics.WatchCache(() => new CachedChains(_nodes.Count, _nodes.Bytes, options.BytesMax));
    }

    /// <summary>Responses that are found without the store.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes of all nodes in memory that are kept here.</summary>
    public long Bytes => _nodes.Bytes;

    public bool IsDurable => true;

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        _takenBack.Has(tenant, id) ? new(FindHiddenAsync(tenant, id, caller))
        : _nodes.Find(tenant, id) is not { } node ? new(ReadAsync(tenant, id, known: null, caller))
        : MayBeGone(node) ? new(StillThereAsync(node, caller)) : new(node);

    public async ValueTask<Response?> FindResponseAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (_takenBack.Has(tenant, id) || _nodes.Find(tenant, id, isUse: false) is not null)
            return (await FindAsync(tenant, id, caller))?.Response;
        try
        {
            if (await _reading.FindResponseAsync(tenant, id, caller) is { } alone) return _takenBack.Has(tenant, id) ? null : alone;
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
        return (await FindAsync(tenant, id, caller))?.Response;
    }

    public ChainNode? Peek(TenantId tenant, ResponseId id) => _nodes.FindInMemory(tenant, id);

    public ValueTask<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        !_takenBack.Has(tenant, id) && (_nodes.Find(tenant, id) ?? _nodes.FindInMemory(tenant, id)) is { } node ? new(node)
        : new(ReadHeadAsync(tenant, id, caller));

    public async ValueTask<ChainNode?> FindEndAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (!_takenBack.Has(tenant, id) && _nodes.FindInMemory(tenant, id) is { } node) return node;
        if (await IsHiddenAsync(tenant, id)) throw StoreCalls.Unavailable(cause: null); // as of a head
        return await StoreCalls.AskAsync(_rows.Spans.EndAsync(tenant, id, caller)) is { } end ? ChainNode.Behind(tenant, id, end)
            : await FindHeadAsync(tenant, id, caller);
    }

    public async ValueTask<IChainExcerpt?> FindExcerptAsync(TenantId tenant, ResponseId id, bool isHead, CancellationToken caller)
    {
        if (await IsHiddenAsync(tenant, id)) return isHead ? throw StoreCalls.Unavailable(cause: null) : null;
        var near = _nodes.Find(tenant, id, isUse: isHead) ?? (isHead ? _nodes.FindInMemory(tenant, id) : null);
        if (near is not null && !isHead && MayBeGone(near) && await StillThereAsync(near, caller) is null) return null;
        if (near is { Start: { Depth: 1, IsOpened: false } }) return new NodeExcerpt(near, _nodes);
        try
        {
            return await _rows.Spans.DepthAsync(tenant, id, isHead, caller) is { } depth && !_takenBack.Has(tenant, id)
                ? new RowExcerpt(_rows.Spans, tenant, id, depth, StoreCalls.Unavailable) : null;
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    public async ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) =>
        _nodes.Find(node.Tenant, node.Id) is null ? await ReadAsync(node.Tenant, node.Id, node, caller) is not null
        : !MayBeGone(node) || await StillThereAsync(node, caller) is not null;

    /// <summary>Asks for the row alone: whoever has the node needs nothing else, and the cache let go of it for want of room.</summary>
    public async ValueTask<bool> WasDeletedAsync(ChainNode node, CancellationToken caller) =>
        (_nodes.Find(node.Tenant, node.Id) is null || MayBeGone(node)) && await StillThereAsync(node, caller) is null;

    public async ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller)
    {
        var near = _nodes.FindItem(tenant, itemId);
        if (near is not null && !MayBeGone(near.Node)) return near.Item;
        try
        {
            return await _rows.FindItemAsync(tenant, itemId, caller) is { } id && !_takenBack.Has(tenant, id)
                ? await ReadItemAsync(tenant, id, itemId, caller) : null;
        }
        catch (StoreAwayException away)
        {
            return near?.Item ?? throw StoreCalls.Unavailable(away);
        }
    }

    public async ValueTask<ChainClaim> ClaimAsync(
        TenantId tenant, ChainNode? parent, long? placed, CancellationToken turnCancelled)
    {
        if (_takenBack.IsFull) throw StoreCalls.Unavailable(cause: null);
        try
        {
            await _rows.RequireAsync(turnCancelled);
            return await _rows.ClaimAsync(tenant, parent?.Root, placed, turnCancelled);
        }
        catch (ChainLostException gone) // nothing of the chain is stored any more
        {
            _reading.Remove(tenant, parent!.Id);
            throw new ApiException(Errors.PreviousResponseNotFound, parent.Id, "previous_response_id", cause: gone);
        }
        catch (ChainElsewhereException elsewhere)
        {
            throw new ApiException(Errors.ChainElsewhere, [], cause: elsewhere);
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    public async ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping)
    {
        var (begun, outcome) = (_time.GetTimestamp(), "failed");
        var row = ChainPacking.Pack(node, claim, _states);
        if (!node.IsHidden) _nodes.Reserve(node); // whoever finds the row before this returns finds this node
        var isStored = false;
        try
        {
            await _rows.AppendAsync(row, nodeStopping);
            (isStored, outcome) = (true, "stored");
            if (!node.IsHidden) _nodes.Add(node, out _, isReserved: true);
        }
        catch (StoreAwayException away)
        {
            throw new ApiException(Errors.ResponseNotStored, [], cause: away);
        }
        catch (ChainLostException lost) when (lost.IsParentGone && node.Parent is { } parent)
        {
            outcome = "parent_deleted";
            _reading.Remove(node.Tenant, parent.Id);
            throw new ApiException(Errors.PreviousResponseNotFound, parent.Id, "previous_response_id", cause: lost);
        }
        catch (ChainLostException lost)
        {
            outcome = "taken_over";
            throw new ApiException(Errors.ChainLost, [], cause: lost);
        }
        catch (StoreFullException full)
        {
            outcome = "full";
            throw new ApiException(Errors.StoreFull, full.Message, cause: full);
        }
        finally
        {
            if (!isStored && !node.IsHidden) _nodes.Unreserve(node);
            _metrics.Appended(_time.GetElapsedTime(begun), outcome);
        }
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (_takenBack.Has(tenant, id)) return false;
        try
        {
            var isGone = await _rows.DeleteAsync(tenant, id, caller);
            _reading.Remove(tenant, id);
            _states?.Forget(tenant, id);
            return isGone;
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken nodeStopping)
    {
        var hiding = _takenBack.AddAsync(tenant, id, claim);
        _reading.Remove(tenant, id);
        _states?.Forget(tenant, id);
        return hiding;
    }

    public ValueTask DisposeAsync() => _takenBack.DisposeAsync();

    /// <summary>Whether the store has to be asked for what is in memory: others delete there, and it lets go of what is old.</summary>
    private bool MayBeGone(ChainNode node) => _rows.IsShared || _time.GetUtcNow() - node.Response.CreatedAt >= _rows.AgeMax;

    /// <summary>What has gone there goes here, too; while nobody can say so, what is in memory stays.</summary>
    private async Task<ChainNode?> StillThereAsync(ChainNode node, CancellationToken caller)
    {
        try
        {
            if (await _rows.IsThereAsync(node.Tenant, node.Id, caller)) return node;
            _reading.Remove(node.Tenant, node.Id);
            return null;
        }
        catch (StoreAwayException)
        {
            return node;
        }
    }

    private async Task<ChainNode?> ReadAsync(TenantId tenant, ResponseId id, ChainNode? known, CancellationToken caller)
    {
        try
        {
            var node = await _reading.FindAsync(tenant, id, known, caller);
            return node is null || _takenBack.Has(tenant, id) ? null : node;
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    private async Task<ChainNode?> FindHiddenAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await IsHiddenAsync(tenant, id) ? null : await ReadAsync(tenant, id, known: null, caller);

    /// <summary>Whether nobody may find it: where others use the store, one of them may have claimed its chain and told it.</summary>
    private ValueTask<bool> IsHiddenAsync(TenantId tenant, ResponseId id) =>
        _rows.IsShared ? _takenBack.HasStillAsync(tenant, id) : new(_takenBack.Has(tenant, id));

    private async Task<ChainNode?> ReadHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (await IsHiddenAsync(tenant, id)) throw StoreCalls.Unavailable(cause: null); // the conversation goes back to the one before soon
        try
        {
            return await _reading.FindAsync(tenant, id, known: null, caller) ?? await _reading.FindHeadAsync(tenant, id, caller);
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    private async ValueTask<Item?> ReadItemAsync(TenantId tenant, ResponseId id, string itemId, CancellationToken caller)
    {
        if (_nodes.FindInMemory(tenant, id) is { } node)
            return node.Output.Concat(node.Input).FirstOrDefault(item => item.Id == itemId);
        await foreach (var row in _rows.ReadAsync(tenant, id, isHead: false, caller))
            return Item(row, itemId);
        return null;
    }

    private static Item? Item(ChainRow row, string itemId)
    {
        try
        {
            return ChainPacking.FindItem(row, itemId);
        }
        catch (InvalidDataException broken)
        {
            throw new ApiException(Errors.StoredUnreadable, [row.Id, broken.Message], cause: broken);
        }
    }
}
