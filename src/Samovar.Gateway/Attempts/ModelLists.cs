using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Metering;

namespace Samovar.Gateway.Attempts;

/// <summary>
/// Asks the destinations that any name is passed on to which models they list, so that <c>/v1/models</c> can show them: one destination
/// after the other, and never while a client waits for it.
/// </summary>
internal sealed partial class ModelLists(
    PoolTable pools, UpstreamHttp http, UpstreamOptions options, TimeProvider time, ILogger<ModelLists> logger,
    CallerKeys? callers = null)
{
    /// <summary>How soon a destination that is new, or was not there, is asked.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(15);

    public async Task RunAsync(CancellationToken nodeStopping)
    {
        if (options.ListedModelsMax == 0) return;
        using var timer = new PeriodicTimer(Round, time);
        try
        {
            do
            {
                foreach (var destination in pools.Current.SelectMany(pool => pool.Destinations).Where(IsDue))
                    await AskAsync(destination, nodeStopping);
            }
            while (await timer.WaitForNextTickAsync(nodeStopping));
        }
        catch (OperationCanceledException) when (nodeStopping.IsCancellationRequested)
        {
            // the node stops
        }
    }

    private bool IsDue(Destination destination) => destination.PassesNamesOn
        && (destination.State.Listed.AskedAt is not { } asked || time.GetElapsedTime(asked) >= options.ModelsInterval);

    private async Task AskAsync(Destination destination, CancellationToken nodeStopping)
    {
        var known = destination.State.Listed.Names;
        try
        {
            using var deadline = new CancellationTokenSource(options.ModelsTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(nodeStopping, deadline.Token);
            var (status, answer) = await http.ModelsAsync(destination, callers?.Newest, either.Token);
            IReadOnlyList<string> names = status switch
            {
                >= 200 and < 300 => ModelList.Read(answer, options.ListedModelsMax),
                >= 400 and < 500 and not 429 => [], // it has no such list, or not for us
                _ => known,
            };
            var isForOtherKeys = status is 401 or 403 && destination.Options.PassesKeys; // one may come soon
            destination.State.Listed = new ModelList(names, isForOtherKeys ? null : time.GetTimestamp());
        }
        catch (JsonException)
        {
            destination.State.Listed = new ModelList([], time.GetTimestamp());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            destination.State.Listed = new ModelList(known, null); // asked again in the next round
        }
        catch (Exception exception) // the question: out of the service's loop it would end the host
        {
            destination.State.Listed = new ModelList(known, time.GetTimestamp());
            GuardedLog.Write(() => Log.QuestionBroke(logger, destination.Name, exception));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6103, LogLevel.Error, "Asking destination '{Destination}' for its models broke; its list stays as it was")]
        public static partial void QuestionBroke(ILogger logger, string destination, Exception exception);
    }
}
