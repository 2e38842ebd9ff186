using Microsoft.Extensions.Hosting;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;

namespace Samovar.Storage;

/// <summary>Opens the store before the first turn, and closes it after the last.</summary>
internal sealed class StorageService(SqlStore store, ChainCleanup cleanup, TenantTotals totals) : IHostedLifecycleService
{
    /// <exception cref="StoreRefusedException">What lies there is not for this server.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => store.StartAsync(cancellationToken);

    /// <summary>What is too old is looked for when the server is ready: on a busy machine that would make everybody wait for it.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        cleanup.Start();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await cleanup.DisposeAsync();
        await totals.DisposeAsync();
        await store.DisposeAsync();
    }
}
