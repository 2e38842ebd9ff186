using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Samovar.Server.Draining;

/// <summary>Drains the gate before the listener stops.</summary>
internal sealed partial class DrainService(TurnGate gate, TimeSpan drainTimeMax, TimeProvider time, ILogger<DrainService> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (gate.Running > 0) Log.Draining(logger, gate.Running, drainTimeMax);
        var cut = await gate.DrainAsync(drainTimeMax, time);
        if (cut > 0) Log.Cut(logger, cut);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(7101, LogLevel.Information, "Stopping: {Running} turns may go on for {DrainTimeMax}")]
        public static partial void Draining(ILogger logger, int running, TimeSpan drainTimeMax);

        [LoggerMessage(7102, LogLevel.Warning, "Stopping: {Cut} turns did not end in time and are cut")]
        public static partial void Cut(ILogger logger, int cut);
    }
}
