using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests;

public sealed class StorageServicesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Services_KeepRows_OverAStopAndAStart()
    {
        var first = New();
        await RunAsync(rows => rows.AppendAsync(first));
        await RunAsync(async rows => Assert.Equal(first.Id, Assert.Single(await rows.ListAsync(first.Id)).Id));
    }

    private async Task RunAsync(Func<IChainRows, Task> use)
    {
        await using var services = new ServiceCollection()
            .AddLogging().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<IdSource>().AddSingleton<ProcessName>()
            .AddSingleton(new StoreOptions()).AddSingleton(new StoredChainOptions())
            .AddStorage(_ => _folder.Path)
            .BuildServiceProvider();
        var hosted = services.GetServices<IHostedService>().ToList();
        foreach (var service in hosted) await service.StartAsync(Soon.Token);
        await use(services.GetRequiredService<IChainRows>());
        foreach (var service in hosted) await service.StopAsync(Soon.Token);
    }
}
