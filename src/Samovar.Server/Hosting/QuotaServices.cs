using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Quotas;
using Samovar.Server.Auth;
using Samovar.Stores;

namespace Samovar.Server.Hosting;

/// <summary>The quotas of tenants and the limits of destinations, shared with other nodes where there are any.</summary>
internal static class QuotaServices
{
    public static IServiceCollection AddQuotas(this IServiceCollection services) => services
        .AddSingleton<IQuotaTable>(static provider => provider.GetRequiredService<KeyRing>())
        .AddSingleton<IStoredQuotas>(static provider => provider.GetRequiredService<KeyRing>())
        .AddSingleton<QuotaMetrics>()
        .AddSingleton(static provider => new QuotaUses(
            provider.GetRequiredService<QuotaOptions>(),
            provider.GetRequiredService<QuotaMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<QuotaUses>>(),
            Shares(provider)))
        .AddSingleton<TenantQuotas>()
        .AddSingleton<IHostedService, QuotaService>();

    private static ClusterShares? Shares(IServiceProvider provider) =>
        provider.GetService<ICluster>() is { } cluster && provider.GetService<IQuotaRows>() is { IsShared: true } rows
            ? new ClusterShares(rows, cluster) : null;
}

/// <summary>Tells now and then what was used, and gives back what is not needed.</summary>
internal sealed class QuotaService(QuotaUses uses, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var due = new PeriodicTimer(Interval, time);
        while (await due.WaitForNextTickAsync(stoppingToken)) uses.Tend();
    }
}
