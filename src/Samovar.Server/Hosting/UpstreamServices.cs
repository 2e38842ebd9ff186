using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Gateway;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Metrics;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Server.Http;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Server.Hosting;

/// <summary>Pools of upstreams, where the configuration has any.</summary>
internal static class UpstreamServices
{
    public static bool HasUpstreams(this IConfiguration configuration) => PoolsOf(configuration).GetChildren().Any();

    public static IServiceCollection AddUpstreams(this IServiceCollection services) => services
        .AddChecked<UpstreamOptions, UpstreamOptionsValidator>(UpstreamOptions.Section)
        .AddSingleton<IValidateOptions<UpstreamOptions>>(new PoolsCheck(Environment.GetEnvironmentVariable))
        .AddSingleton(provider => new PoolTable(
            provider.GetRequiredService<UpstreamOptions>(), provider.GetRequiredService<TimeProvider>(),
                Environment.GetEnvironmentVariable, provider.GetRequiredService<ILogger<PoolTable>>(), Shares(provider))
        {
            Callers = provider.GetRequiredService<CallerKeys>(),
        })
        .AddSingleton(provider => new UpstreamDrivers(
            provider.GetRequiredService<UpstreamOptions>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IdSource>(), provider.GetRequiredService<ILogger<UpstreamDrivers>>(),
                provider.GetRequiredService<MemoryShares>().Events,
                RequestBytesMax(provider.GetRequiredService<HttpOptions>())))
        .AddSingleton<IBackend>(provider => new UpstreamBackend(
            provider.GetRequiredService<PoolTable>(),
            provider.GetRequiredService<UpstreamDrivers>(),
            provider.GetRequiredService<UpstreamOptions>(),
            provider.GetRequiredService<UpstreamMetrics>(),
            provider.GetRequiredService<DestinationChoice>(),
            provider.GetRequiredService<SealedItems>(),
            provider.GetRequiredService<WaitQueue>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new CallerKeys(provider.GetRequiredService<UpstreamOptions>().CallerKeysMax))
        .AddSingleton(provider => new DestinationChoice(
            provider.GetRequiredService<AffinityMap>(), provider.GetRequiredService<SealedItems>(), Random.Shared,
            isOneOfSeveral: provider.GetService<ClusterPlace>() is not null))
        .AddSingleton<SealedItems>()
        .AddSingleton<WaitQueue>()
        .AddSingleton<WaitMetrics>()
        .AddAffinity()
        .AddSingleton<UpstreamMetrics>()
        .AddSingleton<PoolsStatus>()
        .AddSingleton(provider => new HealthProbe(
            provider.GetRequiredService<PoolTable>(),
            provider.GetRequiredService<UpstreamDrivers>().Http,
            provider.GetRequiredService<UpstreamOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<HealthProbe>>()))
        .AddSingleton<IHostedService, HealthService>()
        .AddSingleton(provider => new ModelLists(
            provider.GetRequiredService<PoolTable>(),
            provider.GetRequiredService<UpstreamDrivers>().Http,
            provider.GetRequiredService<UpstreamOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ModelLists>>(),
            provider.GetRequiredService<CallerKeys>()))
        .AddSingleton<IHostedService, ModelListService>()
        .AddSingleton<PoolsReload>();

    /// <summary>Each small message of another protocol is longer as an item.</summary>
    private static int RequestBytesMax(HttpOptions http) => (int)Math.Min(int.MaxValue, 4L * http.BodyBytesMax);

    /// <summary>Limits are shared where quotas are: by the nodes of a cluster.</summary>
    private static DestinationShares? Shares(IServiceProvider provider) =>
        provider.GetService<ClusterPlace>() is { } place && provider.GetRequiredService<QuotaUses>() is { AreShared: true } uses
            ? new DestinationShares(uses, areOnOneMachine: place.Address?.IsLoopback == true) : null;

    private static IConfigurationSection PoolsOf(IConfiguration configuration) =>
        configuration.GetSection($"{UpstreamOptions.Section}:{nameof(UpstreamOptions.Pools)}");
}
