using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Stores;

namespace Samovar.Chains;

/// <summary>Conversations in memory alone: each keeps its chain, which counts among the stored responses and never gives way.</summary>
/// <remarks>Nobody else has them, so a lock is a flag, and ends with the turn that took it.</remarks>
internal sealed class MemoryConversations(ChainCache nodes, ChainOptions options) : IConversationRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId, ConversationId), Kept> _conversations = [];
    private readonly Dictionary<TenantId, long> _counts = [];

    public ValueTask CreateAsync(ConversationRow row, long countMax, CancellationToken caller)
    {
        lock (_gate)
        {
            var count = _counts.GetValueOrDefault(row.Tenant);
            if (count >= countMax) throw new StoreFullException($"The bound of {countMax} conversations is reached.");
            _conversations.Add((row.Tenant, row.Id), new Kept(row with { Metadata = Detached(row.Metadata) }));
            _counts[row.Tenant] = count + 1;
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Without the body that it came in.</summary>
    private static ReadOnlyMemory<byte> Detached(ReadOnlyMemory<byte> metadata) => new RawJson(metadata).Detach().Utf8;

    public ValueTask<ConversationRow?> FindAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        lock (_gate) return new(_conversations.GetValueOrDefault((tenant, id))?.Row);
    }

    public ValueTask<bool> SetMetadataAsync(TenantId tenant, ConversationId id, ReadOnlyMemory<byte> metadata, CancellationToken caller)
    {
        lock (_gate)
        {
            if (!_conversations.TryGetValue((tenant, id), out var kept)) return new(false);
            kept.Row = kept.Row with { Metadata = Detached(metadata) };
            return new(true);
        }
    }

    public ValueTask<bool> DeleteAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        Kept? gone;
        lock (_gate)
        {
            if (!_conversations.Remove((tenant, id), out gone)) return new(false);
            if (--_counts[tenant] == 0) _counts.Remove(tenant);
        }
        if (gone.Head is { } head) nodes.Unpin(head);
        if (gone.Former is { } former) nodes.Unpin(former);
        return new(true);
    }

    public ValueTask<ConversationRow?> LockAsync(TenantId tenant, ConversationId id, TimeSpan lockMax, CancellationToken caller)
    {
        lock (_gate)
        {
            if (!_conversations.TryGetValue((tenant, id), out var kept)) return new((ConversationRow?)null);
            if (kept.IsLocked) throw new ConversationBusyException();
            kept.IsLocked = true;
            return new(kept.Row);
        }
    }

    public ValueTask UnlockAsync(ConversationRow locked, bool isMoved, CancellationToken caller)
    {
        lock (_gate) if (_conversations.TryGetValue((locked.Tenant, locked.Id), out var kept)) kept.IsLocked = false;
        return ValueTask.CompletedTask;
    }

    public ValueTask RenewAsync(TimeSpan lockMax, CancellationToken caller) => ValueTask.CompletedTask;

    /// <summary>The head of one, though it may not be found by its id.</summary>
    public ChainNode? FindHead(TenantId tenant, ResponseId id) => nodes.Find(tenant, id) ?? nodes.FindInMemory(tenant, id);

    /// <summary>The node becomes its head; what only the head before kept goes.</summary>
    /// <exception cref="ChainLostException">It was deleted or changed meanwhile.</exception>
    /// <exception cref="StoreFullException">There is no room.</exception>
    public void Move(ChainNode node, ConversationMove move)
    {
        if (!nodes.TryPin(node))
            throw new StoreFullException($"The bound of {options.BytesMax} bytes of memory is reached ({ChainOptions.Section}:" +
                $"{nameof(options.BytesMax)}).");
        ChainNode? before = node, former = null;
        lock (_gate)
        {
            if (_conversations.TryGetValue((node.Tenant, move.Id), out var kept) && kept.Row.Version == move.Version)
            {
                (before, former, kept.Head, kept.Former) = (kept.Head, kept.Former, node, null);
                if (move.KeepsBefore(node.Kind, node.Parent?.Id)) (kept.Former, before) = (before, null);
                kept.Row = kept.Row with { Head = node.Id, Version = kept.Row.Version + 1 };
            }
        }
        if (before is not null) nodes.Unpin(before);
        if (former is not null) nodes.Unpin(former);
        if (ReferenceEquals(before, node)) throw new ChainLostException("The conversation was deleted or changed meanwhile.");
    }

    /// <summary>Away from a node that was never to be seen.</summary>
    public void GoBack(TenantId tenant, ResponseId id)
    {
        ChainNode? gone = null;
        lock (_gate)
        {
            foreach (var ((owner, _), kept) in _conversations)
            {
                if (owner != tenant || kept.Head is not { } head || head.Id != id) continue;
                if (kept.Former is null && head.Parent is { } parent && !nodes.TryPin(parent)) break;
                (gone, kept.Head, kept.Former) = (head, kept.Former ?? head.Parent, null);
                kept.Row = kept.Row with { Head = kept.Head?.Id, Version = kept.Row.Version + 1 };
                break;
            }
        }
        if (gone is not null) nodes.Unpin(gone);
    }

    private sealed class Kept(ConversationRow row)
    {
        public ConversationRow Row { get; set; } = row;
        public ChainNode? Head { get; set; }

        /// <summary>The head before, which the head's response would be taken back to; null: that is its parent.</summary>
        public ChainNode? Former { get; set; }
        public bool IsLocked { get; set; }
    }
}
