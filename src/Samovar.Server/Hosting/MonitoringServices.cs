using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Samovar.Accounting;
using Samovar.Disks;
using Samovar.Server.Monitoring;
using Samovar.Server.Monitoring.Status;
using Samovar.Server.Monitoring.Traces;

namespace Samovar.Server.Hosting;

/// <summary>Metrics, traces, the request log, and what <c>samovar top</c> shows.</summary>
internal static class MonitoringServices
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<DiskOptions, DiskOptionsValidator>(DiskOptions.Section).AddSingleton<FileConditions>();
        services.AddChecked<MonitoringOptions, MonitoringOptionsValidator>(MonitoringOptions.Section)
            .AddSingleton<IValidateOptions<MonitoringOptions>, OtlpCheck>()
            .AddSingleton(provider => new MetricReadings(
                provider.GetRequiredService<MonitoringOptions>(), provider.GetRequiredService<IMeterFactory>()))
            .AddSingleton<MetricsEndpoint>()
            .AddSingleton<IHostedService>(provider => new TelemetryExport(
                provider.GetRequiredService<MonitoringOptions>(), provider.GetRequiredService<ProcessVariables>().Read,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TelemetryExport>>()));
        services.AddSingleton<RequestTally>().AddSingleton<DurableStatus>().AddSingleton<ServerStatus>().AddSingleton<StatusEndpoint>()
            .AddSingleton<TraceEndpoint>()
            .AddSingleton<WhyEndpoint>();
        if (services.Any(service => service.ServiceType == typeof(IRequestLog))) return services; // a test's own
        var path = configuration[$"{MonitoringOptions.Section}:{nameof(MonitoringOptions.RequestLogPath)}"];
        if (path is { Length: > 0 }) services.AddRequestLogFile(path);
        return services.AddSingleton<LoggerRequestLog>().AddSingleton<IRequestLog>(provider => new RequestLogs(
        [
            provider.GetRequiredService<LoggerRequestLog>(),
            provider.GetRequiredService<RequestTally>(),
            .. provider.GetServices<RequestLogFile>(),
            .. provider.GetServices<SavedBytes>(),
        ]));
    }

    private static void AddRequestLogFile(this IServiceCollection services, string path) => services
        .AddSingleton<RequestLogMetrics>()
        .AddSingleton(provider => new RequestLogFile(
            provider.GetRequiredService<MonitoringOptions>(),
            provider.GetRequiredService<FileConditions>().Add(
                "request_log", Path.Combine(provider.GetRequiredService<ServerOptions>().LogPath(), path),
                provider.GetRequiredService<ILogger<RequestLogFile>>()),
            LineFile.Open,
            provider.GetRequiredService<RequestLogMetrics>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IHostedService>(provider => provider.GetRequiredService<RequestLogFile>());
}
