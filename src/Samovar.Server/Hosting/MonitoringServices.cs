using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Server.Monitoring;

namespace Samovar.Server.Hosting;

/// <summary>Metrics and the request log.</summary>
internal static class MonitoringServices
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<MonitoringOptions, MonitoringOptionsValidator>(MonitoringOptions.Section)
            .AddSingleton(provider => new MetricReadings(
                provider.GetRequiredService<MonitoringOptions>(), provider.GetRequiredService<IMeterFactory>()))
            .AddSingleton<MetricsEndpoint>();
        if (configuration[$"{MonitoringOptions.Section}:{nameof(MonitoringOptions.RequestLogPath)}"] is not { Length: > 0 } path
            || services.Any(service => service.ServiceType == typeof(IRequestLog))) return services;
        return services
            .AddSingleton<RequestLogMetrics>()
            .AddSingleton(provider => new RequestLogFile(
                provider.GetRequiredService<MonitoringOptions>(),
                Path.Combine(provider.GetRequiredService<ServerOptions>().DataPath, path),
                provider.GetRequiredService<RequestLogMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RequestLogFile>>()))
            .AddSingleton<IHostedService>(provider => provider.GetRequiredService<RequestLogFile>())
            .AddSingleton<LoggerRequestLog>()
            .AddSingleton<IRequestLog>(provider => new RequestLogs(
                [provider.GetRequiredService<LoggerRequestLog>(), provider.GetRequiredService<RequestLogFile>()]));
    }
}
