using Microsoft.Extensions.Hosting;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Hosting;

/// <summary>Loads the models that are to be there from the start; where one cannot be loaded, the server does not start.</summary>
internal sealed class ModelStartService(ModelPool pool, ModelsOptions options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, model) in options.Served)
            if (model.AtStart)
                try
                {
                    await pool.LoadAsync(name, cancellationToken);
                }
                catch (ApiException failed)
                {
                    throw new EngineLoadException($"Model {name}: {failed.InnerException?.Message ?? failed.Message}", failed);
                }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
