using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Running;

/// <summary>Nothing outlives the process: there are no background turns.</summary>
internal sealed class NoRunningRows : IRunningRows
{
    public ValueTask NoteAsync(RunningRow row, RunningRowInput input, CancellationToken caller) =>
        throw new StoreAwayException("No store outlives the process.");
    public ValueTask<bool> EndAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> snapshot, RunningRowRoom room, CancellationToken caller) => new(false);
    public ValueTask<RunningRowInput?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        new((RunningRowInput?)null);
    public ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new((RunningRow?)null);
    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(false);
    public ValueTask<DateTimeOffset> NowAsync(CancellationToken caller) => new(DateTimeOffset.UnixEpoch);
    public ValueTask<IReadOnlyList<RunningRow>> RenewAsync(ProcessLease lease, CancellationToken caller) => new([]);
}
