using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Accounting;
using Samovar.Backends;
using Samovar.Budgets;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Compaction;
using Samovar.Conversations;
using Samovar.Gateway.Destinations;
using Samovar.Metering;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Relays;
using Samovar.Running;
using Samovar.Server.Auth;
using Samovar.Server.Cluster;
using Samovar.Server.Draining;
using Samovar.Server.Http;
using Samovar.Server.WebSockets;
using Samovar.Sessions;
using Samovar.Stores;
using Samovar.Tracing;
using Samovar.Turns;
using SessionOptions = Samovar.Sessions.SessionOptions;

namespace Samovar.Server.Hosting;

/// <summary>Every service of the server. What is there already, because a test put it there, stays.</summary>
internal static class SamovarServices
{
    private static readonly TimeSpan RefusalsLinger = TimeSpan.FromSeconds(0.5);

    public static IServiceCollection AddSamovar(this IServiceCollection services, IConfiguration configuration) => services
        .AddOptionsOfAllFloors()
        .AddMemoryBudget(configuration)
        .AddMonitoring(configuration)
        .AddCore()
        .AddStore(configuration)
        .AddCluster(configuration)
        .AddQuotas()
        .AddEdge()
        .AddPage()
        .AddPrefixes()
        .AddBackends(configuration);

    private static IServiceCollection AddOptionsOfAllFloors(this IServiceCollection services) => services
        .AddChecked<ServerOptions, ServerOptionsValidator>(ServerOptions.Section)
        .AddSingleton<IValidateOptions<ServerOptions>, ListenCheck>()
        .AddSingleton<IValidateOptions<ServerOptions>, DataPathCheck>()
        .AddSingleton<IValidateOptions<ServerOptions>, ConnectionsCheck>()
        .AddChecked<AuthOptions, AuthOptionsValidator>(AuthOptions.Section)
        .AddSingleton<IValidateOptions<AuthOptions>, KeyFileCheck>()
        .AddSingleton<IValidateOptions<AuthOptions>, OriginCheck>()
        .AddSingleton<IValidateOptions<AuthOptions>, HostCheck>()
        .AddSingleton<IValidateOptions<AuthOptions>, OperatorKeyCheck>()
        .AddChecked<HttpOptions, HttpOptionsValidator>(HttpOptions.Section)
        .AddSingleton<IValidateOptions<HttpOptions>, PathCheck>()
        .AddChecked<SocketOptions, SocketOptionsValidator>(SocketOptions.Section)
        .AddChecked<SessionOptions, SessionOptionsValidator>(SessionOptions.Section)
        .AddChecked<TurnOptions, TurnOptionsValidator>(TurnOptions.Section)
        .AddChecked<QuotaOptions, QuotaOptionsValidator>(QuotaOptions.Section)
        .AddChecked<ReplayOptions, ReplayOptionsValidator>(ReplayOptions.Section)
        .AddChecked<BackgroundOptions, BackgroundOptionsValidator>(BackgroundOptions.Section)
        .AddChecked<RoutingOptions, RoutingOptionsValidator>(RoutingOptions.Section)
        .AddChecked<ChainOptions, ChainOptionsValidator>(ChainOptions.Section)
        .AddChecked<ConversationOptions, ConversationOptionsValidator>(ConversationOptions.Section)
        .AddChecked<CompactionOptions, CompactionOptionsValidator>(CompactionOptions.Section)
        .AddChecked<ContentIndexOptions, ContentIndexOptionsValidator>(ContentIndexOptions.Section)
        .AddChecked<MetricOptions, MetricOptionsValidator>(MetricOptions.Section)
        .AddChecked<TracingOptions, TracingOptionsValidator>(TracingOptions.Section);

    private static IServiceCollection AddCore(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdSource>();
        services.TryAddSingleton<ProcessName>();
        services.TryAddSingleton<PeersGone>();
        services.TryAddSingleton<IRunningRows, NoRunningRows>();
        services.TryAddSingleton<IRequestLog, LoggerRequestLog>();
        return services
            .AddSingleton<ModelRouter>()
            .AddSingleton<ChainMetrics>()
            .AddSingleton<TurnMetrics>()
            .AddSingleton<TurnTraces>()
            .AddSingleton<TurnWatch>()
            .AddSingleton<ContentIndex>()
            .AddSingleton<HistoryMatcher>()
            .AddCompaction()
            .AddTools()
            .AddSingleton<ConversationMetrics>()
            .AddSingleton(static provider => provider.GetRequiredService<TurnOptions>().ChainBounds())
            .AddSingleton<ConversationStore>()
            .AddSingleton<TurnPlanner>()
            .AddSingleton<ResponseKeeper>()
            .AddSingleton<TurnPipeline>()
            .AddSingleton<InputCount>()
            .AddSingleton<ReplayMetrics>()
            .AddSingleton<HandedChains>()
            .AddSingleton(static provider => new ReplayBudget(
                provider.GetRequiredService<MemoryShares>(),
                provider.GetRequiredService<ReplayOptions>(),
                provider.GetRequiredService<ReplayMetrics>()))
            .AddSingleton<RunningTurns>()
            .AddSingleton<BackgroundLine>()
            .AddSingleton<RunningMetrics>()
            .AddSingleton<RunningJournal>()
            .AddSingleton<BackgroundTurns>()
            .AddSingleton<ResponseFinder>()
            .AddSingleton<SessionMetrics>()
            .AddSingleton<RetentionBudget>()
            .AddSingleton<SessionParts>()
            .AddSingleton<SessionTable>();
    }

    private static IServiceCollection AddEdge(this IServiceCollection services) => services
        .AddCors()
        .AddSingleton<ServerLife>()
        .AddSingleton(provider => new KeyRing(
            provider.GetRequiredService<AuthOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<KeyRing>>(),
            provider.GetService<CallerKeys>())
        {
            IsOnLoopback = provider.GetRequiredService<ServerOptions>().IsOnLoopback(),
        })
        .AddSingleton<IHostedService>(provider => provider.GetRequiredService<KeyRing>())
        .AddSingleton(provider => new PageGuard(
            provider.GetRequiredService<KeyRing>(),
            provider.GetRequiredService<AuthOptions>(),
            Names(provider.GetRequiredService<AuthOptions>(), provider.GetRequiredService<ServerOptions>(),
                provider.GetRequiredService<ClusterOptions>())))
        .AddSingleton(provider =>
            new SocketClock(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<SessionOptions>().ConnectionAgeMax))
        .AddSingleton(provider => new ConnectionBound(
            provider.GetRequiredService<ServerOptions>().ConnectionsMax
                ?? ProcessHandles.ConnectionsWithin(ProcessHandles.Max, hasUpstreams: provider.GetService<CallerKeys>() is not null),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ConnectionBound>>()))
        .AddSingleton<OpenSockets>()
        .AddSingleton<RateLimitHeaders>()
        .AddSingleton<TurnDoor>()
        .AddSingleton<CreateResponseEndpoint>()
        .AddSingleton<TranslatedEndpoint>()
        .AddSingleton<CountTokensEndpoint>()
        .AddSingleton<InputTokensEndpoint>()
        .AddSingleton<CompactEndpoint>()
        .AddSingleton<StoredResponsesEndpoints>()
        .AddSingleton<StoredCompletionEndpoints>()
        .AddSingleton<ConversationEndpoints>()
        .AddSingleton<ModelsEndpoints>()
        .AddSingleton<StoreHealth>()
        .AddSingleton<TemplateHealth>()
        .AddSingleton<HealthEndpoint>()
        .AddSingleton<SocketEndpoint>()
        .AddSingleton<IHostedService, LeaseService>()
        .AddSingleton<IHostedService, SettingsReload>()
        .AddSingleton<IHostedService>(provider => new DrainService(
            provider.GetRequiredService<ServerLife>(),
            provider.GetRequiredService<TurnPipeline>(),
            provider.GetRequiredService<BackgroundTurns>(),
            provider.GetRequiredService<ServerOptions>().DrainTimeMax,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DrainService>>(),
            provider.GetService<NodeLife>(),
            provider.GetService<TurnsElsewhere>() is { } elsewhere ? elsewhere.DrainAsync : null)
        {
            Linger = provider.GetService<NodeLife>() is null ? TimeSpan.Zero : RefusalsLinger,
        });

    /// <summary>The other nodes of a cluster call this one by its address for them.</summary>
    private static OwnNames Names(AuthOptions auth, ServerOptions server, ClusterOptions cluster) => new(
        isOpenToAll: server.InsecureListen && !server.IsOnLoopback(),
        Uri.TryCreate(cluster.Address, UriKind.Absolute, out var here) ? [.. auth.AllowedHosts, here.Host] : auth.AllowedHosts);
}
