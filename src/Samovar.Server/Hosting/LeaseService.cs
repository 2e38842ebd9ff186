using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Running;

namespace Samovar.Server.Hosting;

/// <summary>Says now and then that this process lives; at the start it first ends what a dead one ran.</summary>
internal sealed partial class LeaseService(
    RunningJournal journal, BackgroundOptions options, TimeProvider time, ILogger<LeaseService> logger) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryRenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!journal.IsDurable) return;
        using var due = new PeriodicTimer(options.LeaseInterval, time);
        while (await due.WaitForNextTickAsync(stoppingToken)) await TryRenewAsync(stoppingToken);
    }

    private async Task TryRenewAsync(CancellationToken nodeStopping)
    {
        try
        {
            await journal.RenewAsync(nodeStopping);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // a unit of work: it is tried again
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8110, LogLevel.Error, "It could not be looked up what dead processes ran; it is tried again later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
