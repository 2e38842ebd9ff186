using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Server.Draining;

/// <summary>On the signal to stop: no new turns, running ones may end, here and at other nodes, those that do not in time are cut, then
/// sockets close; only then does the listener stop. A node of a cluster joins the others when the listener is open, says first that it
/// drains, and last that it is gone.</summary>
/// <remarks>A request that is on its way to an idle connection when the listener closes that gets no answer, and clients do not know
/// whether it was heard. So a node, for whose clients others are there, goes on refusing for a while, and each answer closes its
/// connection.</remarks>
/// <param name="node">This node among the others; null where it stands alone.</param>
/// <param name="elsewhere">Waits for turns of clients here that other nodes run, up to a deadline; null where it stands alone.</param>
internal sealed partial class DrainService(
    ServerLife life, TurnPipeline pipeline, BackgroundTurns background, TimeSpan drainTimeMax, TimeProvider time,
    ILogger<DrainService> logger, NodeLife? node = null, Func<CancellationToken, Task>? elsewhere = null)
    : IHostedLifecycleService
{
    private static readonly TimeSpan EndsMax = TimeSpan.FromSeconds(5), CutMax = TimeSpan.FromSeconds(2);

    /// <summary>How long requests are still refused, by an answer, when nothing runs any more.</summary>
    public TimeSpan Linger { get; init; }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <exception cref="Stores.NodeNameTakenException">A node of the same name is running.</exception>
    public Task StartedAsync(CancellationToken cancellationToken) => node?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Log.Draining(logger, DurationText.Of(drainTimeMax));
        using var deadline = new CancellationTokenSource(drainTimeMax, time);
        life.Drain();
        var ended = background.CloseAsync();
        var idle = pipeline.DrainAsync(deadline.Token);
        node?.Drain(); // now that no turn begins: a chain on which nothing runs may be handed over
        await idle;
        if (elsewhere is not null) await elsewhere(deadline.Token);
        if (deadline.IsCancellationRequested) await CutAsync();
        await Task.WhenAny(ended, Task.Delay(EndsMax, time, CancellationToken.None)); // their ends are noted
        await life.CloseAsync();
        if (Linger > TimeSpan.Zero) await Task.Delay(Linger, time, CancellationToken.None);
    }

    /// <summary>Turns that other nodes run hold no place here: nothing has ended them yet, and their clients are to hear it.</summary>
    private async Task CutAsync()
    {
        Log.Cut(logger);
        pipeline.Cut();
        await life.CutAsync();
        if (elsewhere is null) return;
        using var late = new CancellationTokenSource(CutMax, time);
        await elsewhere(late.Token);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (node is not null) await node.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(8101, LogLevel.Information, "Stopping: running turns may go on for {DrainTimeMax}")]
        public static partial void Draining(ILogger logger, string drainTimeMax);

        [LoggerMessage(8102, LogLevel.Warning, "Stopping: turns that did not end in time were cut")]
        public static partial void Cut(ILogger logger);
    }
}
