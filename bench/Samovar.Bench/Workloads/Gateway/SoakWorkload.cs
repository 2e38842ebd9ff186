using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// Many conversations of every kind of client, over and over: afterwards the server holds no more than its budget says, but for what it
/// held before.
/// </summary>
/// <param name="Conversations">Conversations of each kind of client in each round.</param>
/// <param name="Turns">Turns of each.</param>
/// <param name="Rounds">Rounds; their conversations stay in memory as long as the shares allow.</param>
internal sealed record SoakWorkload(int Conversations, int Turns, int Rounds)
{
    /// <summary>What may be alive for each byte that is counted.</summary>
    public const double LiveForHeldMax = 1.2;
    private const int InFlight = 16;
    private const int TextBytes = 4000;

    public async Task RunAsync()
    {
        Console.WriteLine($"Rounds of {Conversations} conversations of each kind of client (WebSocket, SSE and JSON that store, Chat "
            + $"Completions that resend), {Turns} turns with {TextBytes:N0} bytes each. 'live' is managed memory after a full collection, "
            + "less what was alive after a first conversation; 'held' what the shares count together.");
        var table = new Table("round", "turns", "failures", "live MB", "held MB", "live for a held byte", "resident MB");
        var all = new List<SoakFigures>();
        await foreach (var figures in MeasureAsync())
        {
            all.Add(figures);
            table.Row($"{figures.Round}", Figures.Show(figures.Turns), $"{figures.Failures}", Figures.Show(figures.Live / 1e6, 1),
                Figures.Show(figures.Held / 1e6, 1), Figures.Show(figures.LiveForHeld, 2), Figures.Show(figures.Resident / 1e6, 1));
        }
        if (all[^1].LiveForHeld > LiveForHeldMax)
            throw new InvalidOperationException($"More is alive than is counted: {all[^1].LiveForHeld:N2} bytes for each.");
    }

    public async IAsyncEnumerable<SoakFigures> MeasureAsync()
    {
        await using var upstream = await PlainUpstream.StartAsync();
        await using var samovar = await GatewayServer.StartAsync("responses-ws", [upstream.BaseUrl]);
        var sockets = new List<TurnClient>();
        await RoundAsync(samovar.BaseUrl, sockets, conversations: 1, seed: -1); // code paths are warm before the first reading
        var (before, turns, failures) = (await samovar.LiveBytesAsync(), 0, 0);
        var counted = (long)await samovar.MetricAsync(HeldMetric);
        for (var round = 0; round < Rounds; round++)
        {
            failures += await RoundAsync(samovar.BaseUrl, sockets, Conversations, round);
            turns += 4 * Conversations * Turns;
            yield return new SoakFigures(round + 1, turns, failures, await samovar.LiveBytesAsync() - before,
                (long)await samovar.MetricAsync(HeldMetric) - counted, samovar.ResidentBytes());
        }
        foreach (var socket in sockets) await socket.DisposeAsync();
    }

    private const string HeldMetric = "samovar_memory_held_bytes";

    private async Task<int> RoundAsync(Uri server, List<TurnClient> sockets, int conversations, int seed)
    {
        var failures = 0;
        var gate = new Lock();
        var talks = Enumerable.Range(0, conversations).SelectMany(i => new Func<Task<bool>>[]
        {
            () => TalkAsync(Wire.WebSocket, i), () => TalkAsync(Wire.Sse, i), () => TalkAsync(Wire.Json, i),
            () => ResendAsync(server, seed, i),
        });
        await Parallel.ForEachAsync(talks, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (talk, _) =>
        {
            if (!await talk()) Interlocked.Increment(ref failures);
        });
        return failures;

        async Task<bool> TalkAsync(Wire wire, int i)
        {
            var client = await TurnClient.OpenAsync(wire, server);
            lock (gate) sockets.Add(client); // a connection that stays open keeps its newest response
            var dialogue = new Dialogue(client, stores: wire != Wire.WebSocket, "You help.");
            for (var turn = 0; turn < Turns; turn++)
            {
                var text = Speech.OfLength(TextBytes, HashCode.Combine(seed, (int)wire, i, turn));
                if ((await dialogue.TurnAsync(TurnAsk.User(text))).Error is not null) return false;
            }
            return true;
        }
    }

    private async Task<bool> ResendAsync(Uri server, int seed, int i)
    {
        var messages = new List<string>();
        for (var turn = 0; turn < Turns; turn++)
        {
            messages.Add(ChatClient.Message("user", Speech.OfLength(TextBytes, HashCode.Combine(seed, i, turn))));
            if (await ChatClient.AskAsync(server, messages) is not { } answer) return false;
            messages.Add(ChatClient.Message("assistant", answer.Text));
        }
        return true;
    }
}

/// <summary>What is alive after a round, and what is counted of it.</summary>
internal sealed record SoakFigures(int Round, int Turns, int Failures, long Live, long Held, long Resident)
{
    public double LiveForHeld => Live / (double)Held;
}
