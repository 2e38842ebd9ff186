using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing.Models;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Tokens a second with drafts and without, in turn: Pocket that edits files as an agent; a model that copies text of its context; the same
/// model with text that it has not said before.
/// </summary>
/// <remarks>
/// The model that copies is random but for its last layer, which answers to each token with the one behind it in a ring: it computes as
/// much as any of its size, and what it says is a ring. Behind a whole ring and its beginning all is said for the second time,
/// in a part of a long one nothing is.
/// </remarks>
internal sealed record DraftingWorkload(string Folder, string Pocket, int Rounds, int Tasks, int OutputTokens)
{
    private const int Ring = 256, Begun = 64;
    private static readonly int Usual = new EngineOptions().DraftTokensMax;
    private static readonly TokenCycles Rings = new("bench", [(300, Ring), (1000, 15_000)]);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task RunAsync()
    {
        var table = new Table("text", "rounds", "tokens/s without drafts", "with drafts", "times as many", "drafted", "accepted");
        if (Tasks > 0) await AgentAsync(table);
        var model = RandomModel.Ensure(Folder, RandomModelSize.M100, cycles: Rings);
        await using var without = Load(model, 0);
        await using var with = Load(model, Usual);
        await RingAsync(table, "100M copies", without, with, Rings.Take(0, 0, Ring + Begun));
        await RingAsync(table, "100M, nothing to copy", without, with, Rings.Take(1, 0, Ring + Begun));
        await using var same = Load(model, 0);
        await RingAsync(table, "the same, no drafts in either", without, same, Rings.Take(1, 0, Ring + Begun));
    }

    private static LlamaEngine Load(string model, int draftTokens) => LlamaEngine.Load(
        new EngineOptions { ModelPath = model, ContextTokens = 4096, Streams = 2, DraftTokensMax = draftTokens }, TimeProvider.System);

    private async Task RingAsync(Table table, string text, LlamaEngine without, LlamaEngine with, int[] prompt)
    {
        var (plain, drafting) = (new List<double>(), new List<double>());
        var (drafted, accepted) = (0, 0);
        for (var round = -1; round < Rounds; round++) // the first one computes the prompt, and the compiler's work is in it
        {
            var isFirst = round % 2 == 0; // each is the first as often as the other
            var early = await TurnAsync(isFirst ? with : without, prompt);
            var late = await TurnAsync(isFirst ? without : with, prompt);
            if (round < 0) continue;
            var (slow, fast) = isFirst ? (late, early) : (early, late);
            plain.Add(slow.Speed);
            drafting.Add(fast.Speed);
            (drafted, accepted) = (drafted + fast.End.DraftedTokens, accepted + fast.End.AcceptedTokens);
        }
        Row(table, text, plain, drafting, drafted, accepted);
    }

    private async Task<(double Speed, EngineTurnEnd End)> TurnAsync(LlamaEngine engine, int[] prompt)
    {
        var began = TimeProvider.System.GetTimestamp();
        var turn = EngineTurns.Begin(engine, TokenPath.Empty.Append(prompt), "bench", OutputTokens);
        await foreach (var _ in turn.Steps.ReadAllAsync()) { }
        var end = await turn.Ended;
        var took = TimeProvider.System.GetElapsedTime(began) - end.FirstToken;
        end.Pin?.Dispose();
        return ((end.OutputTokens - 1) / took.TotalSeconds, end);
    }

    private async Task AgentAsync(Table table)
    {
        await using var without = await ServerAsync(0);
        await using var with = await ServerAsync(Usual);
        var (plain, drafting) = (new List<double>(), new List<double>());
        var (drafted, accepted) = (0L, 0L);
        for (var round = -1; round < Rounds; round++)
        {
            var before = (await with.CounterAsync("drafted_tokens"), await with.CounterAsync("accepted_tokens"));
            var isFirst = round % 2 == 0;
            var early = await TasksAsync(isFirst ? with : without, round);
            var late = await TasksAsync(isFirst ? without : with, round);
            var (slow, fast) = isFirst ? (late, early) : (early, late);
            if (slow.Tokens != fast.Tokens)
                throw new InvalidOperationException($"With drafts {fast.Tokens} tokens, without {slow.Tokens}.");
            if (round < 0) continue;
            plain.Add(slow.Tokens / slow.Seconds);
            drafting.Add(fast.Tokens / fast.Seconds);
            drafted += await with.CounterAsync("drafted_tokens") - before.Item1;
            accepted += await with.CounterAsync("accepted_tokens") - before.Item2;
        }
        Row(table, "Pocket edits", plain, drafting, drafted, accepted);
    }

    private Task<ServerProcess> ServerAsync(int draftTokens) => ServerProcess.StartAsync(["Samovar.Cli.dll"],
        ["--model", Pocket, "--ctx", "4096", "--streams", "2", "--log-level", "Warning"],
        new Dictionary<string, string> { ["SAMOVAR_Engine__DraftTokensMax"] = draftTokens.ToString(CultureInfo.InvariantCulture) },
        Patience);

    /// <summary>Tokens that were decoded, and the seconds that the engine decoded for.</summary>
    private async Task<(long Tokens, double Seconds)> TasksAsync(ServerProcess server, int round)
    {
        var (tokens, seconds) = (0L, 0.0);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        for (var number = 0; number < Tasks; number++)
            foreach (var id in await EditTask.RunAsync(server.BaseUrl, round * Tasks + number))
            {
                using var trace = (await http.GetFromJsonAsync<JsonDocument>($"/v1/samovar/trace/{id}"))!;
                foreach (var span in trace.RootElement.GetProperty("spans").EnumerateArray())
                {
                    if (span.GetProperty("stage").GetString() != "decode") continue;
                    tokens += span.GetProperty("amount").GetInt64() - 1; // the first one ends the prompt's time
                    seconds += span.GetProperty("duration_us").GetDouble() / 1e6;
                }
            }
        return (tokens, seconds);
    }

    private static void Row(Table table, string text, List<double> plain, List<double> drafting, long drafted, long accepted) =>
        table.Row(text, Figures.Show(plain.Count), Figures.ShowAll(plain), Figures.ShowAll(drafting),
            Figures.ShowAll(plain.Zip(drafting, (one, other) => other / one), 2), Figures.Show(drafted), Figures.Show(accepted));
}
