using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Disks;
using Samovar.Gateway.Affinity;
using Samovar.Gateway.Destinations;

namespace Samovar.Server.Hosting;

/// <summary>Where conversations went, in memory and in a file of the data folder.</summary>
internal static class AffinityServices
{
    public static IServiceCollection AddAffinity(this IServiceCollection services) => services
        .AddSingleton<IAffinityJournal>(Journal)
        .AddSingleton<IHostedService>(provider => new JournalService(provider.GetRequiredService<IAffinityJournal>() as AffinityJournal))
        .AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<UpstreamOptions>();
            return new AffinityMap(options.AffinityEntriesMax, options.AffinityTtl, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IAffinityJournal>());
        });

    private static IAffinityJournal Journal(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<UpstreamOptions>();
        if (options.AffinityPath.Length == 0) return new NoAffinityJournal();
        var logger = provider.GetRequiredService<ILogger<AffinityJournal>>();
        var path = Path.Combine(provider.GetRequiredService<ServerOptions>().DataPath, options.AffinityPath);
        return new AffinityJournal(
            options,
            provider.GetRequiredService<FileConditions>().Add("affinity", path, logger),
            AffinityFile.Open,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IMeterFactory>(),
            logger);
    }

    /// <summary>Runs the journal where there is one.</summary>
    private sealed class JournalService(AffinityJournal? journal) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => journal?.StartAsync(cancellationToken) ?? Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => journal?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }
}
