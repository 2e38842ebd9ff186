using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Storage.Chains;
using Samovar.Turns;

namespace Samovar.Server.Hosting;

/// <summary>Deletes the files of state whose responses the store has let go of: for their age, by another server, or while this one was
/// not there.</summary>
/// <remarks>What is deleted here is deleted there at once; this finds what nobody said.</remarks>
internal sealed partial class StateSweep(
    ModelRouter router, IChainStore store, StoredChainOptions chains, TurnOptions turns, TimeProvider time, ILogger<StateSweep> logger)
    : BackgroundService
{
    /// <summary>Once.</summary>
    /// <returns>Responses that are gone.</returns>
    public async Task<int> SweepAsync(CancellationToken nodeStopping)
    {
        var gone = 0;
        var states = router.States;
        foreach (var (tenant, id) in states.Before(time.GetUtcNow() - turns.DurationMax - turns.KeepMax)) // later ones may run yet
        {
            if (await store.FindExcerptAsync(tenant, id, isHead: false, nodeStopping) is not null) continue;
            states.Forget(tenant, id);
            gone++;
        }
        return gone;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TrySweepAsync(stoppingToken);
                await Task.Delay(chains.CleanupInterval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the server stops
        }
    }

    private async Task TrySweepAsync(CancellationToken nodeStopping)
    {
        try
        {
            if (await SweepAsync(nodeStopping) is > 0 and var gone) Log.Swept(logger, gone);
        }
        catch (ApiException) { /* the store is away, and says so itself */ }
        catch (Exception exception) when (!nodeStopping.IsCancellationRequested) // a unit of work
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8190, LogLevel.Information, "State of {Count} responses was deleted that the store no longer has")]
        public static partial void Swept(ILogger logger, int count);

        [LoggerMessage(8191, LogLevel.Error, "State of responses that the store no longer has could not be looked for")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
