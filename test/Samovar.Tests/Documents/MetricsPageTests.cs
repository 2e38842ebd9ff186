using System.Text.RegularExpressions;
using Samovar.Gateway.Metrics;
using Samovar.Server.Monitoring;
using Samovar.Tests.Tidy;
using Samovar.Turns;

namespace Samovar.Tests.Documents;

public sealed partial class MetricsPageTests
{
    [Fact]
    public async Task Page_IsWhatTheInstrumentsAre()
    {
        var path = Path.Combine(SourceTree.Root, "docs", "metrics.md");
        var page = MetricsPage.Markdown(await MetricsPage.InstrumentsAsync());
        if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1") await File.WriteAllTextAsync(path, page);
        Assert.True(
            File.Exists(path) && await File.ReadAllTextAsync(path) == page,
            "docs/metrics.md is not what the instruments say; run the tests once with SAMOVAR_REGENERATE=1.");
    }

    [Fact]
    public async Task Instruments_SayWhatTheyAre()
    {
        var instruments = await MetricsPage.InstrumentsAsync();
        foreach (var instrument in instruments)
        {
            Assert.Matches(@"^(gen_ai|samovar)\.[a-z_.]+$", instrument.Name);
            Assert.Matches(@"^(s|By|1|\{[a-z]+\})$", instrument.Unit);
            var isPlain = instrument.Description is [.., '.'] text && text.AsSpan().IndexOfAny("<>|\n") < 0;
            Assert.True(isPlain, $"{instrument.Name}: no plain sentence.");
            Assert.All(MetricsPage.LabelsOf(instrument), label => Assert.Matches(@"^(gen_ai|samovar|error|server)\.[a-z_.]+$", label));
        }
        var names = instruments.Select(PrometheusName.Of).ToList();
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>What the page's server does not make would be missing from the page without a sign.</summary>
    [Fact]
    public async Task EveryInstrumentOfTheSource_IsOnThePage()
    {
        var instruments = await MetricsPage.InstrumentsAsync();
        var source = string.Join('\n', SourceTree.Files.Where(file => file.Name.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => file.Lines));
        var made = Made().Matches(source).Select(match => match.Groups[1].Value).ToList();
        Assert.True(made.Count > 20);
        Assert.Empty(made.Except(instruments.Select(instrument => instrument.Name), StringComparer.Ordinal));
        var meters = new[] { typeof(TurnMetrics), typeof(UpstreamMetrics), typeof(MetricFamily) }
            .SelectMany(type => type.Assembly.GetTypes())
            .Select(type => type.GetField("MeterName")?.GetRawConstantValue() as string).OfType<string>();
        Assert.Empty(meters.Except(instruments.Select(instrument => instrument.Meter.Name), StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\.Create(?:Counter|UpDownCounter|Histogram|Gauge|Observable\w+)(?:<\w+>)?\(\s*""([a-z_.]+)"",")]
    private static partial Regex Made();
}
