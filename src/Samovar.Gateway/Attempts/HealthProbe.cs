using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Metering;

namespace Samovar.Gateway.Attempts;

/// <summary>Asks every destination that has a health path whether it is fit, again and again.</summary>
internal sealed partial class HealthProbe(
    PoolTable pools, UpstreamHttp http, UpstreamOptions options, TimeProvider time, ILogger<HealthProbe> logger)
{
    /// <summary>Ends with the node alone: a question that breaks says that its destination is not fit, and no more.</summary>
    public async Task RunAsync(CancellationToken nodeStopping)
    {
        using var timer = new PeriodicTimer(options.HealthInterval, time);
        try
        {
            do await Task.WhenAll(pools.Current.SelectMany(pool => pool.Destinations
                .Select(destination => AskAsync(destination, pool, nodeStopping))));
            while (await timer.WaitForNextTickAsync(nodeStopping));
        }
        catch (OperationCanceledException) when (nodeStopping.IsCancellationRequested)
        {
            // the node stops
        }
    }

    private async Task AskAsync(Destination destination, Pool pool, CancellationToken nodeStopping)
    {
        if (destination.Options.HealthPath is not { } path) return;
        try
        {
            using var deadline = new CancellationTokenSource(options.HealthTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(nodeStopping, deadline.Token);
            Note(destination, path, await http.IsFitAsync(destination, path, either.Token));
        }
        catch (OperationCanceledException)
        {
            if (!nodeStopping.IsCancellationRequested) Note(destination, path, isFit: false, LateMaxFor(destination, pool));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            if (!nodeStopping.IsCancellationRequested) Note(destination, path, isFit: false);
        }
        catch (Exception exception) // the question: out of the service's loop it would end the host
        {
            Note(destination, path, isFit: false);
            NoteBroken(destination, exception);
        }
    }

    /// <summary>One late answer is enough where others can take every turn: who computes may be slow to say that it is well.</summary>
    private int LateMaxFor(Destination destination, Pool pool) =>
        destination.Models.All(model => pool.HasOther(destination, model)) ? 1 : options.HealthLateMax;

    /// <summary>Reporting it wakes those who wait for a place.</summary>
    private void Note(Destination destination, string path, bool isFit, int? lateMax = null)
    {
        try { destination.State.SetHealth(isFit, path, lateMax); }
        catch (Exception exception) { NoteBroken(destination, exception); } // the question
    }

    private void NoteBroken(Destination destination, Exception exception) =>
        GuardedLog.Write(() => Log.QuestionBroke(logger, destination.Name, exception));

    private static partial class Log
    {
        [LoggerMessage(6101, LogLevel.Error, "The health check of destination '{Destination}' broke; it counts as unhealthy")]
        public static partial void QuestionBroke(ILogger logger, string destination, Exception exception);
    }
}
