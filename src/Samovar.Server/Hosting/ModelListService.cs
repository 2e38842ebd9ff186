using Microsoft.Extensions.Hosting;
using Samovar.Gateway.Attempts;

namespace Samovar.Server.Hosting;

/// <summary>Keeps the upstreams' lists of models as long as the server runs.</summary>
internal sealed class ModelListService(ModelLists lists) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => lists.RunAsync(stoppingToken);
}
