using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Server.Tools;
using Samovar.Tools;

namespace Samovar.Server.Hosting;

/// <summary>Tools that run at this server.</summary>
internal static class ToolServices
{
    public static IServiceCollection AddTools(this IServiceCollection services)
    {
        services.TryAddSingleton<IToolServers>(static provider => new McpServers(
            provider.GetRequiredService<ToolOptions>(), Environment.GetEnvironmentVariable, provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<McpServers>>()));
        return services
            .AddChecked<ToolOptions, ToolOptionsValidator>(ToolOptions.Section)
            .AddSingleton<IValidateOptions<ToolOptions>>(new ToolServersCheck(Environment.GetEnvironmentVariable))
            .AddSingleton<ToolMetrics>()
            .AddSingleton<ToolLoop>();
    }
}
