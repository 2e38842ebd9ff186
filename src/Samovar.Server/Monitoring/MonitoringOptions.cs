using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Samovar.Gateway.Destinations;

namespace Samovar.Server.Monitoring;

/// <summary>What the server reports about itself, and where.</summary>
internal sealed class MonitoringOptions
{
    public const string Section = "Monitoring";

    /// <summary>Combinations of labels that one metric shows; those beyond are summed up as one.</summary>
    [Range(1, 1_000_000)] public int SeriesMax { get; set; } = 2000;

    /// <summary>Tenants whose totals are known; with one more, those of the longest unseen are forgotten. The sum of all stays.</summary>
    [Range(1, 1_000_000)] public int TenantsMax { get; set; } = 10_000;

    /// <summary>The newest requests that <c>samovar top</c> can show.</summary>
    [Range(1, 10_000)] public int RecentRequestsMax { get; set; } = 100;

    /// <summary>
    /// An OpenTelemetry collector that gets metrics and traces: <c>http://host:4318</c>; by default what <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>
    /// says, and without either nothing is sent.
    /// </summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>How it is spoken to where this section names it.</summary>
    [RegularExpression("^(http/protobuf|grpc)$")] public string OtlpProtocol { get; set; } = "http/protobuf";

    /// <summary>
    /// A file that gets one JSON line for each request; none by default. Unless rooted it lies in the data folder, or, of an installed
    /// program without one of its own, where the platform keeps logs.
    /// </summary>
    public string? RequestLogPath { get; set; }

    /// <summary>Bytes at which the file is renamed to <c>.1</c>.</summary>
    [Range(1024, long.MaxValue)] public long RequestLogBytesMax { get; set; } = 64L << 20;

    /// <summary>Old files that are kept.</summary>
    [Range(1, 1000)] public int RequestLogFilesMax { get; set; } = 5;

    /// <summary>Lines that wait for the disk; beyond, lines are dropped and counted.</summary>
    [Range(1, 1_000_000)] public int RequestLogQueueMax { get; set; } = 10_000;
}

[OptionsValidator]
internal sealed partial class MonitoringOptionsValidator : IValidateOptions<MonitoringOptions>;

/// <summary>The collector's address is one that can be sent to.</summary>
internal sealed class OtlpCheck(ProcessVariables variables) : IValidateOptions<MonitoringOptions>
{
    private static readonly string[] Variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    public ValidateOptionsResult Validate(string? name, MonitoringOptions options)
    {
        var faults =
            from given in Variables.Select(variable => (Name: variable, Value: variables.Read(variable)))
                .Prepend((Name: "Monitoring:OtlpEndpoint", Value: options.OtlpEndpoint))
            where given.Value is { Length: > 0 } && AddressRule.FaultOfUrl(given.Value) is not null
            select $"{given.Name} {AddressRule.FaultOfUrl(given.Value!)}.";
        return faults.ToList() is { Count: > 0 } all ? ValidateOptionsResult.Fail(all) : ValidateOptionsResult.Success;
    }
}

/// <summary>The environment's variables, as the server was started with.</summary>
internal sealed record ProcessVariables(Func<string, string?> Read);
