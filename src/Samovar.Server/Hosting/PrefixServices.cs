using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Samovar.Prefixes;
using Samovar.Server.Http;

namespace Samovar.Server.Hosting;

/// <summary>Starts of conversations that are kept warm.</summary>
internal static class PrefixServices
{
    public static IServiceCollection AddPrefixes(this IServiceCollection services) => services
        .AddChecked<PrefixesOptions, PrefixesOptionsValidator>(PrefixesOptions.Section)
        .AddSingleton<IValidateOptions<PrefixesOptions>, WarmPrefixCheck>()
        .AddSingleton<PrefixNames>()
        .AddSingleton<PrefixMetrics>()
        .AddSingleton<PrefixTable>()
        .AddSingleton<PrefixDesk>()
        .AddSingleton<PrefixSurveys>()
        .AddSingleton<PrefixListing>()
        .AddSingleton<PrefixEndpoints>()
        .AddHostedService<PrefixStartService>();
}
