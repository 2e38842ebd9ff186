using System.Diagnostics;
using System.Text.Json;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Testing.Engines;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What a load takes to find out what a chat template can do and how its model writes calls, for each family's small template, or for the
/// files of a folder. The first has its code compiled, too: that is what a server pays once.
/// </summary>
/// <param name="Fixtures">The families' templates, as the tests have them.</param>
/// <param name="Folder">Files that end with .jinja; null: the families' templates.</param>
internal sealed record LearningWorkload(string Fixtures, string? Folder, int Rounds)
{
    public Task RunAsync()
    {
        var table = new Table("template", "chars", "first ms", "first ms of CPU", "ms p50", "dialect");
        var all = new List<double>();
        foreach (var one in Templates())
        {
            var times = new List<double>();
            var spent = new List<double>();
            TemplateReading? reading = null;
            for (var round = 0; round < Rounds; round++)
            {
                var (began, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                (_, reading) = TemplateReading.Of(one.Engine(), new EmbeddedOptions(), TimeProvider.System);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                spent.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
            }
            all.Add(Figures.Median(times));
            table.Row(
                one.Name, Figures.Show(one.Source.Length), Figures.Show(times[0], 1), Figures.Show(spent[0], 1), Figures.Show(all[^1], 1),
                reading!.Use.Fault is null ? reading.Dialect : $"ChatML: {reading.Use.Fault.Reason}");
        }
        table.Row("all, p50", "", "", "", Figures.Show(Figures.Median(all), 1), "");
        table.Row("all, most", "", "", "", Figures.Show(all.Max(), 1), "");
        return Task.CompletedTask;
    }

    private IEnumerable<Template> Templates()
    {
        if (Folder is not null)
            return Directory.EnumerateFiles(Folder, "*.jinja").Order(StringComparer.Ordinal).Select(static file =>
                new Template(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file), []));
        using var fixtures = JsonDocument.Parse(File.ReadAllBytes(Fixtures));
        return [.. fixtures.RootElement.GetProperty("families").EnumerateArray().Select(static family => new Template(
            family.GetProperty("name").GetString()!, family.GetProperty("template").GetString()!,
            [
                .. Texts(family, "control").Select(static text => new FakeSpecial(text)),
                .. Texts(family, "ends").Select(static text => new FakeSpecial(text, EndsTurn: true)),
                .. Texts(family, "user").Select(static text => new FakeSpecial(text, IsControl: false)),
            ]))];
    }

    private static IEnumerable<string> Texts(JsonElement family, string name) => family.TryGetProperty(name, out var texts)
        ? texts.EnumerateArray().Select(static text => text.GetString()!) : [];

    private sealed record Template(string Name, string Source, FakeSpecial[] Specials)
    {
        public FakeEngine Engine() => new(
            new FakeTokenizer(Specials, end: Array.Find(Specials, static one => one.EndsTurn)?.Text), Source);
    }
}
