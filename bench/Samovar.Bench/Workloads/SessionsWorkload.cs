using Samovar.Bench.Peers;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Agents that take turns: N sessions with the same start, round robin, each turn adding some text and taking some output. With a peer,
/// the same work goes to llama-server too, with the same model file.
/// </summary>
internal sealed record SessionsWorkload(string Model, int[] Sessions, int Turns, int SharedTokens, int AddedTokens, int OutputTokens,
    string? PeerProgram)
{
    private const int Slack = 1024; // tokens of a peer's slot that the template and an uneven tokenizer may take

    public async Task RunAsync()
    {
        Console.WriteLine($"Sessions × {Turns} turns, one turn at a time: a shared start of about {SharedTokens} tokens, "
            + $"then about {AddedTokens} in and {OutputTokens} out per turn. Tokens new: what no session had said before.");
        var table = new Table("server", "sessions", "prompt tokens", "tokens new", "prefilled", "prefilled / new", "first token p50 ms",
            "p95 ms", "shared start cached for later sessions", "total s");
        foreach (var count in Sessions)
        {
            await MeasureAsync("Samovar", count, await SamovarContender.StartAsync(Model, OutputTokens), table);
            if (PeerProgram is null) continue;
            await MeasureAsync("llama-server, defaults", count, await PeerAsync(LlamaServerSetup.Defaults, count), table);
            await MeasureAsync("llama-server, a slot for each", count, await PeerAsync(LlamaServerSetup.SlotForEach, count), table);
        }
    }

    private async Task<IContender> PeerAsync(LlamaServerSetup setup, int sessions) => await LlamaServer.StartAsync(
        PeerProgram!, Model, setup, sessions, SharedTokens + Turns * (AddedTokens + OutputTokens) + Slack, OutputTokens);

    private async Task MeasureAsync(string name, int count, IContender contender, Table table)
    {
        await using var server = contender;
        var speech = await TokenMeter.MeasureAsync(server);
        var talks = Enumerable.Range(0, count).Select(number => server.Begin(speech.OfTokens(SharedTokens, 1), number)).ToArray();
        var turns = new List<SessionTurn>();
        var later = new List<double>();
        var (known, fresh) = (new int[count], 0L);
        var started = TimeProvider.System.GetTimestamp();
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var session = 0; session < count; session++)
            {
                var said = await talks[session].SayAsync(speech.OfTokens(AddedTokens, 1000 * session + turn));
                if (turn == 0 && session > 0) later.Add(Math.Min(1, (double)said.CachedTokens / (said.InputTokens - AddedTokens)));
                fresh += turn == 0 && session > 0 ? said.InputTokens - turns[0].InputTokens + AddedTokens
                    : said.InputTokens - known[session];
                known[session] = said.InputTokens + said.OutputTokens;
                turns.Add(said);
            }
        }
        var total = TimeProvider.System.GetElapsedTime(started);
        foreach (var talk in talks) await talk.DisposeAsync();
        Show(name, count, turns, fresh, later, total, table);
    }

    private static void Show(
        string name, int count, List<SessionTurn> turns, long fresh, List<double> later, TimeSpan total, Table table)
    {
        var first = turns.Select(turn => turn.FirstToken.TotalMilliseconds).ToList();
        var prefilled = turns.Sum(turn => (long)turn.InputTokens - turn.CachedTokens);
        table.Row(name,
            Figures.Show(count), Figures.Show(turns.Sum(turn => (long)turn.InputTokens)), Figures.Show(fresh), Figures.Show(prefilled),
            Figures.Show((double)prefilled / fresh, 3), Figures.Show(Figures.Median(first)), Figures.Show(Figures.Percentile(first, 0.95)),
            later.Count == 0 ? "–" : Figures.Show(100 * later.Min(), 1) + " %", Figures.Show(total.TotalSeconds, 1));
    }
}
