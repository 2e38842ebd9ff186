using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Server.Cluster;
using Samovar.Server.Draining;
using Samovar.Server.Http;
using Samovar.Server.Monitoring.Status;
using Samovar.Server.Peers;
using Samovar.Server.WebSockets;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Hosting;

/// <summary>What makes a server one of several nodes; one that stands alone has nothing of it but the section's check.</summary>
internal static class ClusterServices
{
    private static readonly string[] Switches =
    [
        nameof(ClusterOptions.Name), nameof(ClusterOptions.Address), nameof(ClusterOptions.Key), nameof(ClusterOptions.KeyFile),
    ];

    public static IServiceCollection AddCluster(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<ClusterOptions, ClusterOptionsValidator>(ClusterOptions.Section);
        if (!IsOn(configuration)) return services;
        return services
            .AddSingleton<IValidateOptions<ClusterOptions>, ClusterCheck>()
            .AddSingleton(static provider => ClusterPlace.Of(
                provider.GetRequiredService<ClusterOptions>(), provider.GetRequiredService<ServerOptions>()))
            .AddSingleton<ClusterKeySource>()
            .AddSingleton(static provider => provider.GetRequiredService<ClusterKeySource>().Of(
                provider.GetRequiredService<ClusterOptions>()))
            .AddSingleton<NodeDuty>()
            .AddSingleton<Func<NodeLoad>>(static provider => provider.GetRequiredService<NodeDuty>().Load)
            .AddSingleton<ChainCounts>()
            .AddSingleton(static provider => new NodeLife(
                provider.GetRequiredService<ClusterPlace>().Self(
                    ServerStatus.Version, provider.GetRequiredService<ProcessName>().Value),
                provider.GetRequiredService<INodeRows>(),
                provider.GetRequiredService<Func<NodeLoad>>(), provider.GetRequiredService<ClusterOptions>(),
                provider.GetRequiredService<IdSource>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<NodeLife>>())
            {
                Died = provider.GetRequiredService<NodeDuty>().Leave,
                PeersDied = provider.GetRequiredService<PeersGone>().Tell,
            })
            .AddSingleton<ICluster>(static provider => provider.GetRequiredService<NodeLife>())
            .AddSingleton<ICurrentLife>(static provider => provider.GetRequiredService<NodeLife>())
            .AddSingleton(static provider => new ClusterMetrics(
                provider.GetRequiredService<IMeterFactory>(), () => provider.GetRequiredService<ICluster>().Nodes))
            .AddSingleton<Func<ClusterStatus>>(static provider => () => ClusterStatus.Of(
                provider.GetRequiredService<ClusterPlace>().Name, provider.GetRequiredService<ICluster>(),
                provider.GetRequiredService<ClusterMetrics>().Figures))
            .AddSingleton<PeerHttp>()
            .AddSingleton<PeerDeaths>()
            .AddSingleton<PeerCalls>()
            .AddSingleton<PeerLinks>()
            .AddSingleton<IPeerLinks>(static provider => provider.GetRequiredService<PeerLinks>())
            .AddSingleton<PeerQuestions>()
            .AddSingleton<IPeerReplays, PeerReplays>()
            .AddSingleton<IOtherNodes, OtherNodes>()
            .AddSingleton<HomeCalls>()
            .AddSingleton(static provider => new NodeEdge(
                provider.GetRequiredService<HttpOptions>(), provider.GetRequiredService<MemoryShares>(),
                provider.GetRequiredService<PeerLinks>().EventBytesMax, provider.GetRequiredService<ServerLife>().Cutting))
            .AddSingleton(static provider => new TurnsElsewhere(
                provider.GetRequiredService<ClusterOptions>().RelaysMax, provider.GetRequiredService<TurnOptions>()))
            .AddSingleton(static provider => new ReadsElsewhere(
                provider.GetRequiredService<ClusterOptions>().RelaysMax, provider.GetRequiredService<TurnOptions>()))
            .AddSingleton<IHomeNodes, HomeNodes>()
            .AddSingleton<ChainOwners>()
            .AddSingleton<IOwnerNodes, OwnerNodes>()
            .AddSingleton<RelayReception>()
            .AddSingleton(static provider => new TurnPlacer(
                provider.GetRequiredService<ITreeRows>(), provider.GetRequiredService<ICluster>(), NewTurns.Instance,
                provider.GetRequiredService<Func<NodeLoad>>(), provider.GetRequiredService<ClusterOptions>(), Random.Shared,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TurnPlacer>>()))
            .AddSingleton<RelayedTurns>()
            .AddSingleton<ITurnPlaces>(static provider => provider.GetRequiredService<RelayedTurns>())
            .AddSingleton(static provider => RelayBounds.Of(
                provider.GetRequiredService<HttpOptions>(), provider.GetRequiredService<ClusterOptions>(),
                provider.GetRequiredService<SocketOptions>().MessageBytesMax))
            .AddSingleton<PeerDoor>()
            .AddSingleton<RelayEndpoint>();
    }

    /// <summary>Whether the settings make this server one of several nodes.</summary>
    public static bool IsOn(IConfiguration configuration)
    {
        var section = configuration.GetSection(ClusterOptions.Section);
        return bool.TryParse(section[nameof(ClusterOptions.Enabled)], out var said)
            ? said : Switches.Any(name => section[name] is { Length: > 0 });
    }
}

/// <summary>Whether this server can be one of several nodes: a name, an address, a key and a database that all share.</summary>
internal sealed class ClusterCheck(IOptions<ServerOptions> server, IOptions<StoreOptions> store, ClusterKeySource key)
    : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var faults = new List<string>();
        try { key.Of(options); }
        catch (FormatException exception) { faults.Add(exception.Message); }
        try
        {
            faults.AddRange(ClusterPlace.Of(options, server.Value).Fault);
            if (store.Value.Place != StoreKind.Postgres)
                faults.Add($"{ClusterOptions.Section}: nodes share a PostgreSQL, and {StoreOptions.Section}:{nameof(StoreOptions.Kind)} is "
                    + $"'{store.Value.Kind}'; say --cluster 'Host=HOST;Database=NAME;Username=USER;Password=…', or give postgres there and "
                    + "the Store:ConnectionString.");
        }
        catch (OptionsValidationException)
        {
            // what is wrong there is reported from there
        }
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
