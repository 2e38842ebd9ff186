using Microsoft.Extensions.Hosting;
using Samovar.Running;

namespace Samovar.Server.Hosting;

/// <summary>Says now and then that this process lives; at the start it first ends what a dead one ran.</summary>
internal sealed class LeaseService(RunningJournal journal, BackgroundOptions options, TimeProvider time) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await journal.RenewAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!journal.IsDurable) return;
        using var due = new PeriodicTimer(options.LeaseInterval, time);
        while (await due.WaitForNextTickAsync(stoppingToken)) await journal.RenewAsync(stoppingToken);
    }
}
