using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// What Samovar adds to a turn: the same turns against a bare upstream, through a TCP relay that looks at nothing (the floor of any
/// process on the way), and through Samovar, turn by turn in alternation; then with many in flight.
/// </summary>
/// <param name="Turns">Sequential turns of each target.</param>
/// <param name="InFlight">Conversations that take turns at once.</param>
/// <param name="Rounds">Phases of each target with many in flight; the median rate counts.</param>
internal sealed record LatencyWorkload(string? StubFolder, Wire[] Wires, int Turns, int InFlight, int Rounds)
{
    private const int ConversationTurns = 10, WarmUpShare = 2, WarmUpRounds = 5, PhaseTurns = 40;

    public async Task RunAsync()
    {
        Console.WriteLine($"Turns of about 200 bytes in and 24 events out, conversations of {ConversationTurns} turns; one after the "
            + $"other, targets in turn, {Turns:N0} each. p50 and p99 in µs; 'added' is against the bare upstream.");
        var sequential = new Table("upstream", "client", "bare p50", "p99", "relay adds p50", "p99", "Samovar adds p50", "p99");
        foreach (var figures in await MeasureAsync(atOnce: 1))
            sequential.Row([figures.Upstream, $"{figures.Wire}", .. figures.Times()]);
        Console.WriteLine();
        Console.WriteLine($"The same with {InFlight} in flight, {Rounds} phases of each target in turn, median rate.");
        var loaded = new Table("upstream", "client", "bare turns/s", "relay turns/s", "Samovar turns/s", "Samovar / bare", "bare p50",
            "p99", "relay adds p50", "p99", "Samovar adds p50", "p99");
        foreach (var figures in await MeasureAsync(InFlight))
            loaded.Row([figures.Upstream, $"{figures.Wire}", .. figures.Rates(), .. figures.Times()]);
    }

    public async Task<IReadOnlyList<LatencyFigures>> MeasureAsync(int atOnce)
    {
        var all = new List<LatencyFigures>();
        await using (var plain = await PlainUpstream.StartAsync()) await MeasureAsync(plain, atOnce, all);
        if (StubFolder is null) return all;
        await using (var node = await NodeUpstream.StartAsync(StubFolder)) await MeasureAsync(node, atOnce, all);
        return all;
    }

    private async Task MeasureAsync(Upstream upstream, int atOnce, List<LatencyFigures> all)
    {
        await using var hop = await ChildProcess.BenchAsync("hop", "--to", $"{upstream.Port}");
        foreach (var wire in Wires)
        {
            var kind = wire == Wire.WebSocket ? "responses-ws" : "responses-http";
            await using var samovar = await GatewayServer.StartAsync(kind, [upstream.BaseUrl]);
            LatencyTarget[] targets = [new(upstream.BaseUrl), new(hop.BaseUrl), new(samovar.BaseUrl)];
            if (atOnce == 1) await AlternateAsync(targets, wire);
            else await LoadAsync(targets, wire, atOnce);
            all.Add(new LatencyFigures(upstream.Name, wire, targets));
        }
    }

    private async Task AlternateAsync(LatencyTarget[] targets, Wire wire)
    {
        foreach (var target in targets) await target.OpenAsync(wire, 1);
        for (var turn = -Turns / WarmUpShare; turn < Turns; turn++)
            for (var next = 0; next < targets.Length; next++)
                await targets[(Math.Abs(turn) + next) % targets.Length].TurnAsync(0, turn, ConversationTurns, counts: turn >= 0);
        foreach (var target in targets) await target.CloseAsync();
    }

    private async Task LoadAsync(LatencyTarget[] targets, Wire wire, int atOnce)
    {
        foreach (var target in targets) await target.OpenAsync(wire, atOnce);
        for (var round = -Math.Min(WarmUpRounds, Rounds / 2); round < Rounds; round++)
            foreach (var target in targets) await target.PhaseAsync(PhaseTurns, ConversationTurns, counts: round >= 0);
        foreach (var target in targets) await target.CloseAsync();
    }
}
