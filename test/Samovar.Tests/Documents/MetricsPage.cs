using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Cluster;
using Samovar.Engine;
using Samovar.Metering;
using Samovar.Server.Monitoring;
using Samovar.Testing.Engines;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Documents;

/// <summary>docs/metrics.md, from the instruments that a running server really has.</summary>
internal static class MetricsPage
{
    private const string Head = """
        # Metrics

        Generated from the instruments of a running server; a test compares them. To regenerate this page:
        `SAMOVAR_REGENERATE=1 ./samovar test`.

        `GET /metrics` shows them to Prometheus; with `OTEL_EXPORTER_OTLP_ENDPOINT` or `Monitoring:OtlpEndpoint` they go to an OpenTelemetry
        collector as well. Names and labels that the OpenTelemetry GenAI conventions have are theirs (`gen_ai.*`, `error.type`, `server.*`),
        and so are their buckets; ours begin with `samovar.`. In Prometheus the dots of labels are underscores. The runtime's own
        (`dotnet.*`: memory, garbage collection, processor, thread pool) are reported with them.

        Labels are bounded: model names that no turn proved to exist, and those beyond `Metrics:ModelsMax`, are `_OTHER`; a metric shows
        `Monitoring:SeriesMax` combinations at most. `samovar.tenant` is reported only with `Metrics:TenantLabel`.

        """;

    /// <summary>Every instrument of a server that has all there is: pools, an engine, a request log.</summary>
    public static async Task<IReadOnlyList<Instrument>> InstrumentsAsync()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-metrics");
        try
        {
            await using var server = await RunningServer.StartAsync(null, Settings(folder.FullName));
            var factory = server.Services.GetRequiredService<IMeterFactory>();
            var model = new ModelCondition("m", ModelState.Loaded) { Engine = new FakeEngine(new FakeTokenizer([]), "") };
            EngineGauges.Watch(factory, new LocalModels(() => [model]), queueMax: 1);
            _ = new ClusterMetrics(factory, static () => []);
            var found = new List<Instrument>();
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, _) => { if (instrument.Meter.Scope == factory) found.Add(instrument); },
            };
            listener.Start();
            return [.. found.Where(instrument => instrument.Meter.Name.StartsWith("Samovar.", StringComparison.Ordinal))
                .OrderBy(instrument => instrument.Name, StringComparer.Ordinal)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static string Markdown(IReadOnlyList<Instrument> instruments)
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        page.Append("\n| name | in Prometheus | kind | unit | labels | what it is |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var one in instruments)
        {
            var labels = string.Join(", ", LabelsOf(one).Select(label => $"`{label}`"));
            page.Append(CultureInfo.InvariantCulture,
                $"| `{one.Name}` | `{PrometheusName.Of(one)}` | {KindOf(one)} | `{one.Unit}` | {labels} | {one.Description} |\n");
        }
        return page.ToString();
    }

    /// <summary>The labels that the instrument says it has.</summary>
    public static IReadOnlyList<string> LabelsOf(Instrument instrument) =>
        instrument.Tags?.FirstOrDefault(tag => tag.Key == Labels.OfInstrument).Value as string[] ?? [];

    private static string KindOf(Instrument instrument) => MetricKinds.Of(instrument).ToString().ToLowerInvariant();

    private static Dictionary<string, string?> Settings(string folder) => new()
    {
        ["Server:DataPath"] = folder,
        ["Store:Kind"] = "sqlite",
        ["Monitoring:RequestLogPath"] = "requests.jsonl",
        ["Upstream:AffinityPath"] = "affinity.db",
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = "a",
        ["Upstream:Pools:0:Destinations:0:Kind"] = "chat",
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = "http://127.0.0.1:9/v1",
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "m",
    };
}
