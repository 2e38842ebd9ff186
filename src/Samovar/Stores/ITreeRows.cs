using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>
/// Who owns trees of stored responses, where several nodes share them. All calls throw <see cref="StoreAwayException"/> where the database
/// cannot be reached now.
/// </summary>
public interface ITreeRows
{
    /// <summary>The tree of a response, with its owner's row; null where the response is not stored.</summary>
    ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>
    /// Takes a tree under the next epoch, if it is still under that one, <paramref name="by"/> is active by its own row, and nobody who
    /// lives by theirs has it.
    /// </summary>
    /// <param name="isForced">Though its owner lives by its row.</param>
    /// <returns>Whether it was taken.</returns>
    ValueTask<bool> ClaimAsync(TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller);

    /// <summary>Lets go of a tree, for whoever claims it next.</summary>
    /// <returns>Whether it was still had under that epoch.</returns>
    ValueTask<bool> ReleaseAsync(TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller);

    /// <summary>How many trees each life has, dead ones' included; those that nobody has are not among them.</summary>
    ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller);
}

/// <summary>A tree of responses and whose it is.</summary>
/// <param name="Owner">Null where nobody has it.</param>
/// <param name="Node">The owner's row; null where it has none any more.</param>
public sealed record TreeRow(ResponseId Root, long Epoch, Incarnation? Owner, ClusterNode? Node);
