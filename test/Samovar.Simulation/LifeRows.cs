using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>The trees' rows as one life of a node reaches them.</summary>
internal sealed class LifeRows(Life life) : ITreeRows
{
    public ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => AskAsync(rows => rows.TreeOf(id));

    public ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller) =>
        AskAsync(rows => rows.Claim(root, by, epoch, isForced));

    public ValueTask<bool> ReleaseAsync(TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller)
    {
        life.Schedule.Audit.Count("hand over");
        return AskAsync(rows => rows.Release(root, by, epoch));
    }

    public ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller) => throw new NotSupportedException();

    private async ValueTask<T> AskAsync<T>(Func<Rows, T> statement) =>
        await life.AskAsync(statement) is { IsThere: true, Value: var value } ? value! : throw new StoreAwayException("It says nothing.");
}
