using Samovar.Stores;

namespace Samovar.Server.Monitoring.Status;

/// <summary>How many stored chains each node owns, for those who look: counted when somebody does, and not again for a second.</summary>
internal sealed class ChainCounts(ITreeRows rows, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1), CountTimeMax = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _place = new(1);
    private IReadOnlyDictionary<Incarnation, long>? _counts;
    private long _at;

    /// <summary>The status with them; as it is where the database does not say them soon.</summary>
    public async Task<StatusReport> AddToAsync(StatusReport status, CancellationToken caller) =>
        status.Cluster is { } cluster && await ReadAsync(caller) is { } counts ? status with { Cluster = cluster.With(counts) } : status;

    public void Dispose() => _place.Dispose();

    private async Task<IReadOnlyDictionary<Incarnation, long>?> ReadAsync(CancellationToken caller)
    {
        using var late = new CancellationTokenSource(CountTimeMax, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        try
        {
            await _place.WaitAsync(ends.Token);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return null;
        }
        try
        {
            if (_counts is not null && time.GetElapsedTime(_at) < FreshFor) return _counts;
            (_counts, _at) = (await rows.CountAsync(ends.Token), time.GetTimestamp());
            return _counts;
        }
        catch (Exception away) when (away is StoreAwayException or OperationCanceledException && !caller.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _place.Release();
        }
    }
}
