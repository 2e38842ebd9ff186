using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Chains;
using Samovar.Prefixes;
using Samovar.Server.Draining;
using Samovar.Server.Monitoring.Status;
using Samovar.Server.Page;
using Samovar.Sessions;
using Samovar.Turns;

namespace Samovar.Server.Hosting;

/// <summary>The page: its files, its logins, what it hears.</summary>
internal static class PageServices
{
    public static IServiceCollection AddPage(this IServiceCollection services) => services
        .AddChecked<PageOptions, PageOptionsValidator>(PageOptions.Section)
        .AddSingleton<PageFiles>()
        .AddSingleton<PageLogins>()
        .AddSingleton<LoginPace>()
        .AddSingleton<PageDoor>()
        .AddSingleton<LoginEndpoint>()
        .AddSingleton<PageNames>()
        .AddSingleton(provider => new PageSources(
            provider.GetRequiredService<SessionTable>(), provider.GetRequiredService<TurnPipeline>(),
            provider.GetRequiredService<IChainStore>(), provider.GetRequiredService<RequestTally>(),
            provider.GetRequiredService<ServerStatus>(), provider.GetRequiredService<ServerLife>(),
            provider.GetRequiredService<DurableStatus>(), provider.GetService<PoolsStatus>(), provider.GetService<LocalModels>())
        {
            Prefixes = provider.GetService<PrefixListing>(),
        })
        .AddSingleton<PageFeeds>()
        .AddSingleton<EventsEndpoint>()
        .AddSingleton<ChainEndpoint>();
}
