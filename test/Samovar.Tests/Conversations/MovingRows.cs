using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Tests.Conversations;

/// <summary>Conversations that somebody else works on whenever one has been looked at.</summary>
internal sealed class MovingRows(IConversationRows inner, Func<Task> move) : IConversationRows
{
    public async ValueTask<ConversationRow?> FindAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        var found = await inner.FindAsync(tenant, id, caller);
        await move();
        return found;
    }

    public ValueTask CreateAsync(ConversationRow row, long countMax, CancellationToken caller) =>
        inner.CreateAsync(row, countMax, caller);
    public ValueTask<bool> SetMetadataAsync(TenantId tenant, ConversationId id, ReadOnlyMemory<byte> metadata, CancellationToken caller) =>
        inner.SetMetadataAsync(tenant, id, metadata, caller);
    public ValueTask<bool> DeleteAsync(TenantId tenant, ConversationId id, CancellationToken caller) =>
        inner.DeleteAsync(tenant, id, caller);
    public ValueTask<ConversationRow?> LockAsync(TenantId tenant, ConversationId id, TimeSpan lockMax, CancellationToken caller) =>
        inner.LockAsync(tenant, id, lockMax, caller);
    public ValueTask UnlockAsync(ConversationRow locked, bool isMoved, CancellationToken caller) =>
        inner.UnlockAsync(locked, isMoved, caller);
    public ValueTask RenewAsync(TimeSpan lockMax, CancellationToken caller) => inner.RenewAsync(lockMax, caller);
}
