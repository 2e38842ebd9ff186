using Samovar.Backends.Upstream.Destinations;
using Samovar.Backends.Upstream.Http;

namespace Samovar.Backends.Upstream;

/// <summary>Asks every destination that has a health path whether it is fit, again and again.</summary>
internal sealed class HealthProbe(Pools pools, UpstreamHttp http, UpstreamOptions options, TimeProvider time)
{
    public async Task RunAsync(CancellationToken nodeStopping)
    {
        using var timer = new PeriodicTimer(options.HealthInterval, time);
        try
        {
            do await Task.WhenAll(pools.Current.SelectMany(pool => pool.Destinations)
                .Select(destination => AskAsync(destination, nodeStopping)));
            while (await timer.WaitForNextTickAsync(nodeStopping));
        }
        catch (OperationCanceledException) when (nodeStopping.IsCancellationRequested)
        {
            // the node stops
        }
    }

    private async Task AskAsync(Destination destination, CancellationToken nodeStopping)
    {
        if (destination.Options.HealthPath is not { } path) return;
        using var deadline = new CancellationTokenSource(options.HealthTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(nodeStopping, deadline.Token);
        try
        {
            destination.State.SetHealth(await http.IsFitAsync(destination, path, either.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !nodeStopping.IsCancellationRequested))
        {
            destination.State.SetHealth(false);
        }
    }
}
