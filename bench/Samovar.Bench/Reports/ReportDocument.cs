using System.Text.Json;
using System.Text.Json.Serialization;
using Samovar.Bench.Reports.Claims;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>Everything that a report says, made of a run's samples alone: the page, the tables and <c>--json</c> show the same.</summary>
/// <param name="Schema">Grows by one when a field changes its meaning or goes away; fields may be added.</param>
/// <param name="Transports">The transports' names, for people.</param>
/// <param name="Provider">What the simulated provider is made of.</param>
internal sealed record ReportDocument(
    int Schema, RunFacts Facts, IReadOnlyDictionary<string, string> Transports, IReadOnlyList<CellFigures> Cells,
    IReadOnlyList<ClaimResult> Claims, IReadOnlyList<ProviderInput> Provider, Spectrum Spectrum, Capacity Capacity,
    IReadOnlyList<ValueFigures> Values, IReadOnlyList<TurnSample> Samples)
{
    public const int SchemaNow = 1;

    public static ReportDocument Of(RunFolder run) => Of(run.Facts, run.Samples(), run.Values());

    public static ReportDocument Of(RunFacts facts, IReadOnlyList<TurnSample> samples, IReadOnlyList<MeasuredValue> values)
    {
        var cells = CellFigures.Of(samples);
        return new ReportDocument(SchemaNow, facts, TransportKind.All.ToDictionary(kind => kind.Name, kind => kind.Words), cells,
            new ClaimJudge(samples).Judge(PublishedClaims.All), ProviderInput.All, Spectrum.Of(cells, values), Capacity.Of(cells, values),
            [.. values.Select(value => new ValueFigures(value.Name, value.Unit, Spread.Of(value.Values), value.Conditions))], samples);
    }

    /// <summary>Nothing in it ends a script element or opens a comment: it may stand in a page as it is.</summary>
    public byte[] Json() => JsonSerializer.SerializeToUtf8Bytes(this, ReportJson.Default.ReportDocument);
}

/// <summary>A measured quantity that belongs to no turn.</summary>
internal sealed record ValueFigures(string Name, string Unit, Spread? Spread, string Conditions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext;
