using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Conversations;
using Samovar.Running;

namespace Samovar.Server.Hosting;

/// <summary>Says now and then that this process lives, and what it works on, and ends what nodes ran that have died just now; at the
/// start it first ends what a dead one ran, where no other that lives can have the store.</summary>
internal sealed partial class LeaseService(RunningJournal journal, ConversationStore conversations, BackgroundOptions options,
    ConversationOptions locks, PeersGone peers, TimeProvider time, ILogger<LeaseService> logger)
    : BackgroundService, IHostedLifecycleService
{
    private const int RenewalsPerLock = 4; // one may fail

    private Task _first = Task.CompletedTask;

    /// <summary>The first one is under way while the listener opens.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _first = TryAsync(journal.RenewAsync, cancellationToken);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>When the server says that it is ready, what a dead one ran has ended, where that can be known so soon.</summary>
    public Task StartedAsync(CancellationToken cancellationToken) => _first;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!journal.IsDurable) return;
        await Task.WhenAll(
            RenewAsync(stoppingToken),
            EveryAsync(locks.LockMax / RenewalsPerLock, conversations.RenewAsync, stoppingToken));
    }

    private async Task RenewAsync(CancellationToken stoppingToken)
    {
        using var due = new PeriodicTimer(options.LeaseInterval, time);
        var (tick, gone) = (due.WaitForNextTickAsync(stoppingToken).AsTask(), peers.WaitAsync(stoppingToken));
        while (true)
        {
            await await Task.WhenAny(tick, gone);
            if (tick.IsCompleted) tick = due.WaitForNextTickAsync(stoppingToken).AsTask();
            if (gone.IsCompleted) gone = peers.WaitAsync(stoppingToken);
            await TryAsync(journal.RenewAsync, stoppingToken);
        }
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> renew, CancellationToken stoppingToken)
    {
        using var due = new PeriodicTimer(interval, time);
        while (await due.WaitForNextTickAsync(stoppingToken)) await TryAsync(renew, stoppingToken);
    }

    private async Task TryAsync(Func<CancellationToken, Task> renew, CancellationToken nodeStopping)
    {
        try
        {
            await renew(nodeStopping);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // a unit of work: it is tried again
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8110, LogLevel.Error, "The signs of this process's life could not be renewed; it is tried again later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
