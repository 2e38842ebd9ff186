using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>Stored chat completions, as far as they are more than stored responses: they are listed, and their metadata changes.</summary>
/// <remarks>All calls throw <see cref="StoreAwayException"/> where the store cannot be reached or written now.</remarks>
public interface ICompletionRows
{
    /// <summary>Null for an unknown id, somebody else's, and a response that is no chat completion.</summary>
    ValueTask<CompletionRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <returns>Whether it was there.</returns>
    ValueTask<bool> SetMetadataAsync(TenantId tenant, ResponseId id, ReadOnlyMemory<byte> metadata, CancellationToken caller);

    /// <summary>
    /// Some of a tenant's, in the order in which they were stored or the other way round: they are found by an index, and what is stored
    /// meanwhile moves none of them.
    /// </summary>
    /// <param name="labels">What each of them has; all of them where none is given.</param>
    /// <param name="after">Where to begin: behind this one; null for the first.</param>
    ValueTask<IReadOnlyList<CompletionRow>> ListAsync(
        TenantId tenant, IReadOnlyList<CompletionLabel> labels, ResponseId? after, bool isDescending, int countMax,
        CancellationToken caller);
}

/// <summary>One stored chat completion.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Metadata">JSON; empty where it has none.</param>
public sealed record CompletionRow(ResponseId Id, string Model, ReadOnlyMemory<byte> Metadata);
