using Microsoft.Extensions.Hosting;
using Samovar.Gateway.Attempts;

namespace Samovar.Server.Hosting;

/// <summary>Runs the health probe as long as the server runs.</summary>
internal sealed class HealthService(HealthProbe probe) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => probe.RunAsync(stoppingToken);
}
