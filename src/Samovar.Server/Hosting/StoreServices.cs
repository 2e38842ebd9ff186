using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Storage;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Server.Hosting;

/// <summary>Where stored responses are kept: in memory, in a file of the data folder, in a database.</summary>
internal static class StoreServices
{
    public static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<StoreOptions, StoreOptionsValidator>(StoreOptions.Section)
            .AddChecked<StoredChainOptions, StoredChainOptionsValidator>(StoredChainOptions.Section)
            .AddSingleton<IValidateOptions<StoreOptions>, StoreAddressCheck>()
            .AddSingleton<IStatePacking, BackendStates>()
            .AddSingleton<StoreNote>();
        if (services.Any(static service => service.ServiceType == typeof(IChainStore))) return services.AddMemoryParts(); // a test's own
        if (IsInMemory(configuration))
            return services.AddMemoryParts()
                .AddSingleton<IChainStore>(static provider => provider.GetRequiredService<MemoryChainStore>());
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddStorage(static provider => provider.GetRequiredService<ServerOptions>().DataPath)
            .AddSingleton<IChainStore>(static provider => new DurableChainStore(
                provider.GetRequiredService<IChainRows>(),
                provider.GetRequiredService<IStatePacking>(),
                provider.GetRequiredService<ChainOptions>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ChainMetrics>(),
                provider.GetRequiredService<ILogger<DurableChainStore>>(),
                provider.GetRequiredService<KeptNodes>(),
                provider.GetRequiredService<ChainBounds>()));
    }

    private static IServiceCollection AddMemoryParts(this IServiceCollection services)
    {
        services.TryAddSingleton<MemoryChainStore>();
        services.TryAddSingleton<ICompletionRows>(static provider => provider.GetRequiredService<MemoryChainStore>());
        services.TryAddSingleton<IConversationRows>(static provider => provider.GetRequiredService<MemoryChainStore>().Conversations);
        return services;
    }

    /// <summary>A kind that nobody knows is reported when the settings are checked.</summary>
    private static bool IsInMemory(IConfiguration configuration) =>
        Enum.TryParse<StoreKind>(configuration[$"{StoreOptions.Section}:{nameof(StoreOptions.Kind)}"], ignoreCase: true, out var kind)
        && kind == StoreKind.Memory;
}

/// <summary>Reports an address of PostgreSQL that cannot be read with the other wrong settings.</summary>
internal sealed class StoreAddressCheck : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        if (!Enum.TryParse<StoreKind>(options.Kind, ignoreCase: true, out var kind) || kind != StoreKind.Postgres || !IsOneGiven(options))
            return ValidateOptionsResult.Skip; // its own rules say so
        try
        {
            PostgresAddress.Of(options);
            return ValidateOptionsResult.Success;
        }
        catch (StoreRefusedException exception)
        {
            return ValidateOptionsResult.Fail(exception.Message);
        }
    }

    private static bool IsOneGiven(StoreOptions options) =>
        string.IsNullOrWhiteSpace(options.ConnectionString) != string.IsNullOrWhiteSpace(options.ConnectionStringFile);
}
