using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Samovar.Compaction;

namespace Samovar.Server.Hosting;

/// <summary>What compacts conversations, and the keys that it seals them with.</summary>
internal static class CompactionServices
{
    public static IServiceCollection AddCompaction(this IServiceCollection services)
    {
        services.TryAddSingleton(Keys);
        return services.AddSingleton<CompactionSeals>().AddSingleton<WindowOpener>().AddSingleton<Compactor>();
    }

    private static ISealKeys Keys(IServiceProvider provider)
    {
        var file = provider.GetRequiredService<CompactionOptions>().KeyFile;
        return file.Length == 0 ? new MemorySealKeys() : new SealKeyFile(
            Path.Combine(provider.GetRequiredService<ServerOptions>().DataPath, file),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SealKeyFile>>());
    }
}
