using Microsoft.Extensions.Hosting;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;

namespace Samovar.Storage;

/// <summary>Opens the store before the first turn, and closes it after the last.</summary>
internal sealed class StorageService(SqlStore store, ChainCleanup cleanup) : IHostedService
{
    /// <exception cref="StoreRefusedException">What lies there is not for this server.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.StartAsync(cancellationToken);
        cleanup.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await cleanup.DisposeAsync();
        await store.DisposeAsync();
    }
}
