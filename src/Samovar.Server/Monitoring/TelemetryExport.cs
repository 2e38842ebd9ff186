using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Samovar.Metering;

namespace Samovar.Server.Monitoring;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, where one is named; otherwise there is no listener, and no span is ever made.
/// </summary>
/// <remarks>
/// The environment's <c>OTEL_*</c> variables mean what they always do: protocol, headers, intervals, sampling, the service's name. It is
/// the first service to start and the last to stop, so that the last turns are exported, too.
/// </remarks>
internal sealed partial class TelemetryExport(
    MonitoringOptions options, Func<string, string?> environment, TimeProvider time, ILogger<TelemetryExport> logger)
    : IHostedService, IDisposable
{
    private const int FlushMilliseconds = 5000, GrpcPort = 4317;
    private const string Metrics = "METRICS", Traces = "TRACES"; // as the environment's variables name the signals
    private MeterProvider? _meters;
    private TracerProvider? _traces;
    private ExportFaults? _faults;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsWanted(Metrics) && !IsWanted(Traces)) return Task.CompletedTask;
        _faults = new ExportFaults(time, logger);
        if (IsWanted(Metrics)) _meters = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe)
            .AddMeter("Samovar.*").AddMeter("System.Runtime")
            .AddOtlpExporter((exporter, _) => Aim(exporter, Metrics, "v1/metrics")).Build();
        if (IsWanted(Traces)) _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe)
            .AddSource(Spans.SourceName)
            .AddOtlpExporter(exporter => Aim(exporter, Traces, "v1/traces")).Build();
        Log.Exporting(logger, options.OtlpEndpoint is null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "Monitoring:OtlpEndpoint");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.ForceFlush(FlushMilliseconds);
        _meters?.ForceFlush(FlushMilliseconds);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _meters?.Dispose();
        _faults?.Dispose();
    }

    private bool IsWanted(string signal) =>
        (options.OtlpEndpoint is { Length: > 0 } || OfSignal(signal, "ENDPOINT") is not null)
        && environment($"OTEL_{signal}_EXPORTER") != "none"
        && !string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A variable of the exporter, for one signal where that has its own; null where neither is set.</summary>
    private string? OfSignal(string signal, string name) =>
        environment($"OTEL_EXPORTER_OTLP_{signal}_{name}") is { Length: > 0 } own ? own
            : environment($"OTEL_EXPORTER_OTLP_{name}") is { Length: > 0 } shared ? shared : null;

    /// <summary>
    /// What the exporter does not read of the environment by itself: a signal's own variables, and that a collector is spoken to over HTTP
    /// where no variable says how, unless the port is gRPC's.
    /// </summary>
    private void AimByEnvironment(OtlpExporterOptions exporter, string signal)
    {
        var own = environment($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT");
        var address = OfSignal(signal, "ENDPOINT");
        var isGrpc = OfSignal(signal, "PROTOCOL") is { } protocol ? protocol == "grpc"
            : Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Port == GrpcPort;
        exporter.Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (own is { Length: > 0 }) exporter.Endpoint = new Uri(own);
        if (OfSignal(signal, "HEADERS") is { } headers) exporter.Headers = headers;
    }

    /// <summary>Our own setting overrides the environment's; a path is only appended to an address without one.</summary>
    private void Aim(OtlpExporterOptions exporter, string signal, string path)
    {
        if (options.OtlpEndpoint is not { Length: > 0 } endpoint)
        {
            AimByEnvironment(exporter, signal);
            return;
        }
        var isHttp = options.OtlpProtocol == "http/protobuf";
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = new Uri(isHttp ? endpoint.TrimEnd('/') + "/" + path : endpoint);
    }

    /// <summary>The environment may name the service otherwise: it is read last.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("samovar", serviceVersion: typeof(TelemetryExport).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddEnvironmentVariableDetector();

    private static partial class Log
    {
        [LoggerMessage(8221, LogLevel.Information, "Metrics and traces go where {Setting} says")]
        public static partial void Exporting(ILogger logger, string setting);
    }
}
