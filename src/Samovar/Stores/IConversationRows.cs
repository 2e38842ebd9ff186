using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Conversations: names for chains whose newest row moves. Every call is scoped by tenant.</summary>
/// <remarks>
/// The head moves in the same transaction in which a row is appended, by compare and set on the version. A lock keeps a second turn from
/// being generated in vain; that a head is never overwritten unseen does not rest on it. A chain that a conversation points at has no age.
/// All calls throw <see cref="StoreAwayException"/> where the store cannot be reached or written now.
/// </remarks>
public interface IConversationRows
{
    /// <exception cref="StoreFullException">The tenant has as many as it may have.</exception>
    ValueTask CreateAsync(ConversationRow row, long countMax, CancellationToken caller);

    /// <summary>Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<ConversationRow?> FindAsync(TenantId tenant, ConversationId id, CancellationToken caller);

    /// <returns>Whether it was there.</returns>
    ValueTask<bool> SetMetadataAsync(TenantId tenant, ConversationId id, ReadOnlyMemory<byte> metadata, CancellationToken caller);

    /// <summary>The conversation is gone; responses that were made in it stay, what only it had goes.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> DeleteAsync(TenantId tenant, ConversationId id, CancellationToken caller);

    /// <summary>Takes the conversation for one change. Whoever had it before and lost it moves its head no more.</summary>
    /// <param name="lockMax">After which time without a sign of life the lock is another's.</param>
    /// <returns>As it is from now on; null for an unknown id and for somebody else's alike.</returns>
    /// <exception cref="ConversationBusyException">Somebody else has it.</exception>
    ValueTask<ConversationRow?> LockAsync(TenantId tenant, ConversationId id, TimeSpan lockMax, CancellationToken caller);

    /// <summary>Gives it back; does nothing where somebody else has it now.</summary>
    /// <param name="isMoved">Whether its head was moved, which has ended the lock where it is stored.</param>
    ValueTask UnlockAsync(ConversationRow locked, bool isMoved, CancellationToken caller);

    /// <summary>A sign of life for all that this process has locked.</summary>
    ValueTask RenewAsync(TimeSpan lockMax, CancellationToken caller);
}

/// <summary>One conversation.</summary>
public sealed record ConversationRow
{
    public required TenantId Tenant { get; init; }
    public required ConversationId Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>JSON; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>The newest row of its chain; null where it has no items.</summary>
    public ResponseId? Head { get; init; }

    /// <summary>The head before, where it is not the newest response's parent and that may have to be taken back; else null.</summary>
    public FormerHead? Former { get; init; }

    /// <summary>Another one after each change of the head, and of who may change it.</summary>
    public long Version { get; init; }
}

/// <summary>A conversation's head becomes the row that is appended, and its lock ends.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Version">As it was when it was locked: another one is refused.</param>
/// <param name="Before">
/// The head until now; it goes where nothing else needs it. Behind it a response that was never to be seen may have to be taken back: where
/// that has another parent, because it brought along items that were added, it stays until the conversation moves on.
/// </param>
public sealed record ConversationMove(ConversationId Id, long Version, ResponseId? Before)
{
    /// <summary>Where the chain of the head until now begins; null where it has none.</summary>
    public ResponseId? BeforeRoot { get; init; }

    /// <summary>The head before that, which goes now; null where none was kept.</summary>
    public FormerHead? Former { get; init; }

    /// <summary>Whether the head until now is kept for a response that may have to be taken back.</summary>
    public bool KeepsBefore(RowKind kind, ResponseId? parent) => kind != RowKind.Items && Before is not null && Before != parent;
}

/// <summary>A conversation's head before its newest response.</summary>
/// <param name="Root">Where its chain begins.</param>
public sealed record FormerHead(ResponseId Id, ResponseId Root);

/// <summary>Somebody else works on the conversation.</summary>
public sealed class ConversationBusyException() : Exception("Somebody else works on the conversation.");
