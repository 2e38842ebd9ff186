using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Tests.Reports;

public sealed class ReportDocumentTests
{
    internal static ReportDocument Made() => ReportDocument.Of(MadeSamples.Facts,
        [
            .. MadeSamples.Rounds(MadeSamples.Cell("ws"), 20, [100, 110, 105]),
            .. MadeSamples.Rounds(MadeSamples.Cell("http-whole"), 20, [1000, 1010, 1005]),
        ],
        [
            new MeasuredValue(ConstantNames.IdleBytes, "B", [20_000, 21_000, 22_000], "</script><!-- <b>"),
            new MeasuredValue(ConstantNames.AfterKill("ws"), "of one", [0, 0, 0], "killed"),
            new MeasuredValue(ConstantNames.AfterKill("ws-stored"), "of one", [1, 1, 1], "killed"),
        ]);

    /// <summary>Whoever reads <c>--json</c> goes by these; a field that goes away needs another schema number.</summary>
    [Fact]
    public void Json_HasTheFieldsOfItsSchema()
    {
        using var json = JsonDocument.Parse(Made().Json());
        Assert.Equal(1, json.RootElement.GetProperty("schema").GetInt32());
        Assert.Equal(["schema", "facts", "transports", "cells", "claims", "provider", "spectrum", "capacity", "values", "samples"],
            Names(json.RootElement));
        var cell = json.RootElement.GetProperty("cells")[0];
        Assert.Equal(["cell", "rounds", "turns", "errors", "bytes_up", "bytes_down", "header_bytes_up", "tls_bytes_up", "content_bytes",
            "content_deflated_bytes", "framing_bytes", "connections", "task_ms", "bytes_up_change", "floor_change", "deflated_floor_change",
            "first_turn_ms", "first_token_ms", "prefilled_per_new", "parts", "per_turn"], Names(cell));
        Assert.Equal(["median", "least", "most", "count"], Names(cell.GetProperty("bytes_up")));
        Assert.Equal(["turn", "bytes_up", "summed_up", "bytes_down", "first_token_ms", "total_ms"], Names(cell.GetProperty("per_turn")[0]));
        Assert.Equal(["claim", "state", "reason", "verdict"], Names(json.RootElement.GetProperty("claims")[0]));
        Assert.Equal(["inputs", "needs"], Names(json.RootElement.GetProperty("capacity")));
        Assert.Equal(120, json.RootElement.GetProperty("samples").GetArrayLength());
    }

    private static List<string> Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    [Fact]
    public void Spectrum_HasWhatWasMeasured_AndADashWhereNothingWas()
    {
        var rows = Made().Spectrum.Rows;
        Assert.Equal(["http-whole", "http-stored", "ws", "ws-stored"], rows.Select(row => row.Transport));
        Assert.Equal("restart –, kill 0 of 3", rows[2].Durability.Measured);
        Assert.StartsWith("restart –, kill 3 of 3", rows[3].Durability.Measured, StringComparison.Ordinal);
        Assert.Equal("105 (100–110) B, all turns 2.1 (2.0–2.2) KB", rows[2].Bandwidth.Measured);
        Assert.Equal("–", rows[1].Latency.Measured);
    }

    [Fact]
    public void Text_ShowsEveryPartOfTheReport()
    {
        var text = ReportText.Of(Made());
        foreach (var part in new[] { "provider-65", "**not measured**", "176 KB sent a task", "kill 3 of 3", "nodes by memory",
            "4 replicas, by prefix", "187,354 tokens" })
            Assert.Contains(part, text, StringComparison.Ordinal);
    }
}
