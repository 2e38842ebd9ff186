using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Server.Agents;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Agents that take turns: N sessions with the same start, round robin, each turn adding some text and taking some output.
/// </summary>
internal sealed record SessionsWorkload(string Model, int[] Sessions, int Turns, int SharedTokens, int AddedTokens, int OutputTokens,
    string[] ServerArguments)
{
    public async Task RunAsync()
    {
        Console.WriteLine($"Sessions × {Turns} turns, one turn at a time: a shared start of about {SharedTokens} tokens, "
            + $"then about {AddedTokens} in and {OutputTokens} out per turn.");
        var table = new Table("sessions", "prompt tokens", "tokens new", "prefilled", "prefilled / new", "first token p50 ms", "p95 ms",
            "first turn of later sessions cached", "total s");
        foreach (var count in Sessions) await MeasureAsync(count, table);
    }

    private async Task MeasureAsync(int count, Table table)
    {
        await using var server = await ServerProcess.StartAsync(["--model", Model, .. ServerArguments], TimeSpan.FromMinutes(5));
        var speech = await TokenMeter.MeasureAsync(server.BaseUrl);
        var settings = new ConversationSettings(server.BaseUrl, null, "default", speech.OfTokens(SharedTokens, 1), null, OutputTokens);
        var conversations = Enumerable.Range(0, count).Select(_ => new Conversation(settings, TimeProvider.System)).ToArray();
        var turns = new List<TurnReport>();
        var later = new List<double>();
        var (known, fresh) = (new int[count], 0L);
        var started = TimeProvider.System.GetTimestamp();
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var session = 0; session < count; session++)
            {
                var text = speech.OfTokens(AddedTokens, 1000 * session + turn);
                var report = await conversations[session].SendAsync([Conversation.UserMessage(text)], new SilentScreen(),
                    CancellationToken.None);
                if (report.Failure is { } failure) throw new InvalidOperationException($"A turn failed: {failure}");
                if (turn == 0 && session > 0) later.Add((double)report.CachedTokens / report.InputTokens);
                fresh += turn == 0 && session > 0 ? report.InputTokens - turns[0].InputTokens + AddedTokens
                    : report.InputTokens - known[session];
                known[session] = report.InputTokens + report.OutputTokens;
                turns.Add(report);
            }
        }
        var total = TimeProvider.System.GetElapsedTime(started);
        var first = turns.Select(turn => (turn.FirstToken ?? turn.Total).TotalMilliseconds).ToList();
        var prefilled = turns.Sum(turn => (long)turn.InputTokens - turn.CachedTokens);
        table.Row(
            Figures.Show(count), Figures.Show(turns.Sum(turn => (long)turn.InputTokens)), Figures.Show(fresh), Figures.Show(prefilled),
            Figures.Show((double)prefilled / fresh, 3), Figures.Show(Figures.Median(first)), Figures.Show(Figures.Percentile(first, 0.95)),
            later.Count == 0 ? "–" : Figures.Show(100 * later.Min(), 1) + " %", Figures.Show(total.TotalSeconds, 1));
        foreach (var conversation in conversations) await conversation.DisposeAsync();
    }
}
