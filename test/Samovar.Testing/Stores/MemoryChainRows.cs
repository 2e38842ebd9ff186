using System.Runtime.CompilerServices;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>Rows of stored responses in memory, as several processes would share them: each has its own instance on one memory.</summary>
internal sealed class MemoryChainRows(MemoryChains chains, TimeProvider time) : IChainRows
{
    public bool IsShared { get; set; }
    public TimeSpan AgeMax => chains.AgeMax;
    public IChainSpans Spans => new MemoryChainSpans(this);

    /// <summary>Null: it is there.</summary>
    public string? Trouble { get; set; }

    /// <summary>Where an append waits before it is made.</summary>
    public PhaseGate? Gate { get; set; }

    public ValueTask RequireAsync(CancellationToken caller)
    {
        if (Trouble is { } trouble) throw new StoreAwayException(trouble);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId? root, long? placed, CancellationToken caller)
    {
        if (root is not { } known) return ChainClaim.New;
        await RequireAsync(caller);
        lock (chains)
        {
            var tree = Tree(tenant, known) ?? throw new ChainLostException("The chain is no longer stored.");
            if (!ReferenceEquals(tree.Owner, this)) (tree.Owner, tree.Epoch) = (this, tree.Epoch + 1);
            return new ChainClaim(tree.Epoch);
        }
    }

    public async ValueTask AppendAsync(ChainRow row, CancellationToken caller)
    {
        if (row.Claim.Conversation is not null) throw new InvalidOperationException("These rows have no conversations.");
        await RequireAsync(caller);
        if (Gate is { } gate) await gate.PassAsync(caller);
        await RequireAsync(caller);
        lock (chains)
        {
            if (chains.ResponsesMax <= chains.Trees.Values.Where(tree => tree.Tenant == row.Tenant).Sum(tree => tree.Rows.Count))
                throw new StoreFullException($"The bound of {chains.ResponsesMax} stored responses is reached.");
            if (row.Parent is null)
            {
                var begun = new MemoryTree(row.Tenant, this);
                if (!chains.Trees.TryAdd((row.Tenant, row.Id), begun)) throw new InvalidOperationException($"{row.Id} is stored already.");
            }
            var tree = Tree(row.Tenant, row.Root);
            var isOwn = tree is not null && (row.Parent is null || ReferenceEquals(tree.Owner, this) && tree.Epoch == row.Claim.Epoch);
            var isParentGone = row.Parent is { } parent && tree?.Rows.ContainsKey(parent) != true;
            if (!isOwn || isParentGone)
                throw new ChainLostException("The chain was continued elsewhere meanwhile, or is no longer stored.")
                {
                    IsParentGone = isParentGone,
                };
            if (!tree!.Rows.TryAdd(row.Id, row)) throw new InvalidOperationException($"{row.Id} is stored already.");
            tree.UsedAt = time.GetUtcNow();
        }
    }

    public async IAsyncEnumerable<ChainRow> ReadAsync(
        TenantId tenant, ResponseId id, bool isHead, [EnumeratorCancellation] CancellationToken caller)
    {
        await RequireAsync(caller);
        var rows = new List<ChainRow>();
        lock (chains)
        {
            var tree = Trees(tenant).FirstOrDefault(tree => tree.Rows.ContainsKey(id) && (isHead || !tree.Deleted.Contains(id)));
            for (ResponseId? at = tree is null ? null : id; at is { } next; at = rows[^1].Parent) rows.Add(tree!.Rows[next]);
            rows = [.. rows.Select(row => row with { Claim = new ChainClaim(tree!.Epoch), ItemIds = [] })];
        }
        foreach (var row in rows)
        {
            await RequireAsync(caller);
            yield return row;
        }
    }

    public async ValueTask<bool> IsThereAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        await RequireAsync(caller);
        lock (chains) return Trees(tenant).Any(tree => tree.Rows.ContainsKey(id) && !tree.Deleted.Contains(id));
    }

    public async ValueTask<ResponseId?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller)
    {
        await RequireAsync(caller);
        lock (chains)
        {
            return Trees(tenant).SelectMany(tree => tree.Rows.Values.Where(row => !tree.Deleted.Contains(row.Id)))
                .Where(row => row.ItemIds.Contains(itemId)).Select(row => (ResponseId?)row.Id).LastOrDefault();
        }
    }

    public async ValueTask<TakenBack> TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken caller)
    {
        await RequireAsync(caller);
        lock (chains)
        {
            if (Trees(tenant).FirstOrDefault(tree => tree.Rows.ContainsKey(id)) is not { } tree) return TakenBack.Absent;
            if (!ReferenceEquals(tree.Owner, this) || tree.Epoch != Math.Max(claim.Epoch, 1)) return TakenBack.Left;
        }
        await DeleteAsync(tenant, id, caller);
        return TakenBack.Removed;
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        await RequireAsync(caller);
        lock (chains)
        {
            if (Trees(tenant).FirstOrDefault(tree => tree.Rows.ContainsKey(id) && !tree.Deleted.Contains(id)) is not { } tree) return false;
            tree.Deleted.Add(id);
            for (ResponseId? at = id; at is { } gone && tree.Deleted.Contains(gone);)
            {
                if (tree.Rows.Values.Any(row => row.Parent == gone)) break;
                tree.Rows.Remove(gone, out var row);
                at = row!.Parent;
            }
            if (tree.Rows.Count == 0) chains.Trees.Remove(chains.Trees.First(pair => ReferenceEquals(pair.Value, tree)).Key);
            return true;
        }
    }

    /// <summary>What a row that was read comes without.</summary>
    public IReadOnlyList<string> ItemIdsOf(TenantId tenant, ResponseId id)
    {
        lock (chains) return Trees(tenant).FirstOrDefault(tree => tree.Rows.ContainsKey(id))?.Rows[id].ItemIds ?? [];
    }

    private MemoryTree? Tree(TenantId tenant, ResponseId root) =>
        chains.Trees.GetValueOrDefault((tenant, root)) is { } tree && tree.UsedAt > time.GetUtcNow() - chains.AgeMax ? tree : null;

    private IEnumerable<MemoryTree> Trees(TenantId tenant) =>
        chains.Trees.Where(tree => tree.Key.Item1 == tenant && Tree(tenant, tree.Key.Item2) is not null).Select(tree => tree.Value);
}

/// <summary>What several processes share.</summary>
internal sealed class MemoryChains
{
    public Dictionary<(TenantId, ResponseId), MemoryTree> Trees { get; } = [];
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(30);
    public int ResponsesMax { get; set; } = int.MaxValue;
}

/// <summary>One tree of responses.</summary>
internal sealed class MemoryTree(TenantId tenant, object owner)
{
    public TenantId Tenant => tenant;
    public object Owner { get; set; } = owner;
    public long Epoch { get; set; } = 1;
    public DateTimeOffset UsedAt { get; set; } = DateTimeOffset.MaxValue;
    public OrderedDictionary<ResponseId, ChainRow> Rows { get; } = [];
    public HashSet<ResponseId> Deleted { get; } = [];
}
