using Microsoft.Extensions.Hosting;
using Samovar.Conversations;
using Samovar.Running;

namespace Samovar.Server.Hosting;

/// <summary>Says now and then that this process lives, and what it works on; at the start it first ends what a dead one ran.</summary>
internal sealed class LeaseService(
    RunningJournal journal, ConversationStore conversations, BackgroundOptions options, ConversationOptions locks, TimeProvider time)
    : BackgroundService
{
    private const int RenewalsPerLock = 4; // one may fail

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await journal.RenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!journal.IsDurable) return;
        await Task.WhenAll(
            EveryAsync(options.LeaseInterval, journal.RenewAsync, stoppingToken),
            EveryAsync(locks.LockMax / RenewalsPerLock, conversations.RenewAsync, stoppingToken));
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> renew, CancellationToken stoppingToken)
    {
        using var due = new PeriodicTimer(interval, time);
        while (await due.WaitForNextTickAsync(stoppingToken)) await renew(stoppingToken);
    }
}
