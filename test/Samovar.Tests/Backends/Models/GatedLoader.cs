using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Server.Hosting;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Models;

/// <summary>The server's own loader, whose loads wait until a test lets them go on.</summary>
internal sealed class GatedLoader
{
    private readonly PhaseGate _gate = new();

    public void Open() => _gate.Open();

    public void Wrap(IServiceCollection services) => services.AddSingleton<IModelLoader>(
        provider => new Gated(ActivatorUtilities.CreateInstance<ServedModelLoader>(provider), _gate));

    private sealed class Gated(IModelLoader loader, PhaseGate gate) : IModelLoader
    {
        public IReadOnlyList<string> Names => loader.Names;

        public long DeviceBytesMax => loader.DeviceBytesMax;

        public Task<ModelBytes> MeasureAsync(string name) => loader.MeasureAsync(name);

        public async Task<ILoadedModel> LoadAsync(string name)
        {
            await gate.PassAsync(CancellationToken.None);
            return await loader.LoadAsync(name);
        }
    }
}
