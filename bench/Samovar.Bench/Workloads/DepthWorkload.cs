using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Cli.Agents;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Time to first token of a turn that adds about 200 tokens to a context of some depth: continued on its held sequence, sent cold, and
/// the same decode by bare libllama, which is the floor.
/// </summary>
internal sealed record DepthWorkload(string Model, int[] Depths, int AddedTokens, int Runs)
{
    private const int OutputTokens = 16, Headroom = 4096;

    public async Task RunAsync()
    {
        var table = new Table("depth", "tokens added", "warm first token ms", "bare libllama ms", "warm / bare", "cold first token ms",
            "cold / warm");
        var context = Depths.Max() + Headroom;
        await using var server = await ServerProcess.StartAsync(
            ["--model", Model, "--ctx", $"{context}", "--streams", "2"], TimeSpan.FromMinutes(5));
        var speech = await TokenMeter.MeasureAsync(new SamovarContender(server, OutputTokens));
        using var floor = new BareDecode(Model, context, streams: 2);
        foreach (var depth in Depths) await MeasureAsync(server.BaseUrl, speech, floor, depth, table);
    }

    private async Task MeasureAsync(Uri server, TokenMeter speech, BareDecode floor, int depth, Table table)
    {
        var (warm, bare, added) = (new List<double>(), new List<double>(), 0);
        await using var conversation = Start(server, speech, depth, seed: depth);
        await TurnAsync(conversation, speech, 0);
        for (var run = 1; run <= Runs; run++)
        {
            var report = await TurnAsync(conversation, speech, run);
            added = report.InputTokens - report.CachedTokens;
            warm.Add(FirstToken(report));
            bare.Add(floor.Measure(report.CachedTokens, added).TotalMilliseconds);
        }
        await using var stranger = Start(server, speech, depth, seed: depth + 1);
        var cold = FirstToken(await TurnAsync(stranger, speech, 0));
        var (w, b) = (Figures.Median(warm), Figures.Median(bare));
        table.Row(Figures.Show(depth), Figures.Show(added), Figures.Show(w), Figures.Show(b), Figures.Show(w / b, 2), Figures.Show(cold),
            Figures.Show(cold / w, 1));
    }

    private static double FirstToken(TurnReport report) => (report.FirstToken ?? report.Total).TotalMilliseconds;

    private static Conversation Start(Uri server, TokenMeter speech, int depth, int seed) => new(
        new ConversationSettings(server, null, "default", speech.OfTokens(depth, seed), null, OutputTokens), TimeProvider.System);

    private async Task<TurnReport> TurnAsync(Conversation conversation, TokenMeter speech, int turn)
    {
        var text = speech.OfTokens(AddedTokens, 1000 + turn);
        var report = await conversation.SendAsync([Conversation.UserMessage(text)], new SilentScreen(), CancellationToken.None);
        return report.Failure is { } failure ? throw new InvalidOperationException($"A turn failed: {failure}") : report;
    }
}
