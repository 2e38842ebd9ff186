using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// What Samovar adds to a turn: the same turns against a bare upstream, through a TCP relay that looks at nothing (the floor of any
/// process on the way), and through Samovar, turn by turn in alternation; then with many in flight. Beside the times stands what a turn
/// costs in the process on the way: processor time, memory that is allocated, waits for the collector and for locks.
/// </summary>
/// <param name="Turns">Sequential turns of each target.</param>
/// <param name="InFlight">Conversations that take turns at once.</param>
/// <param name="Rounds">Phases of each target with many in flight; the median rate counts.</param>
internal sealed record LatencyWorkload(string? StubFolder, Wire[] Wires, int Turns, int InFlight, int Rounds)
{
    private const int ConversationTurns = 10, WarmUpStep = 500;
    private static readonly string[] CostColumns =
    [
        "upstream", "client", "build", "relay µs", "Samovar µs", "of it JIT", "KB allocated", "µs of collector pauses",
        "waits for locks, of 1,000 turns",
    ];

    /// <summary>Turns of each conversation in a phase.</summary>
    public int PhaseTurns { get; init; } = 100;

    /// <summary>Phases, or steps of 500 turns one after the other, after which the JIT compiler must have done.</summary>
    public int WarmUpMax { get; init; } = 40;

    /// <summary>Another build's <c>Samovar.Bench.dll</c>, whose server is measured beside this one.</summary>
    public string? Other { get; init; }

    public async Task RunAsync()
    {
        Console.WriteLine($"Turns of about 200 bytes in and 24 events out, conversations of {ConversationTurns} turns; one after the "
            + $"other, targets in turn, {Turns:N0} each. p50 and p99 in µs; 'added' is against the bare upstream.");
        if (Turns > 0) Report(await MeasureAsync(atOnce: 1));
        Console.WriteLine();
        Console.WriteLine($"The same with {InFlight} in flight, {Rounds} phases of {InFlight * PhaseTurns:N0} turns of each target in "
            + "turn; median rates with their middle halves.");
        if (Rounds > 0) ReportLoaded(await MeasureAsync(InFlight));
        Console.WriteLine();
        Console.WriteLine("The floor: parsing 24 events and writing them once takes "
            + $"{Figures.Show(TurnFloor.EventsMicroseconds(), 1)} µs of a core, hashing what a turn adds to its history "
            + $"{Figures.Show(TurnFloor.HashMicroseconds(), 1)} µs.");
    }

    public async Task<IReadOnlyList<LatencyFigures>> MeasureAsync(int atOnce)
    {
        var all = new List<LatencyFigures>();
        await using (var plain = await PlainUpstream.StartAsync()) await MeasureAsync(plain, atOnce, all);
        if (StubFolder is null) return all;
        await using (var node = await NodeUpstream.StartAsync(StubFolder)) await MeasureAsync(node, atOnce, all);
        return all;
    }

    private static void Report(IReadOnlyList<LatencyFigures> all)
    {
        var times = new Table("upstream", "client", "build", "bare p50", "p99", "relay adds p50", "p99", "Samovar adds p50", "p99");
        foreach (var figures in all)
            foreach (var target in figures.Samovars)
                times.Row([figures.Upstream, $"{figures.Wire}", target.Name, .. figures.Times(target)]);
        ReportCosts(all);
    }

    private static void ReportLoaded(IReadOnlyList<LatencyFigures> all)
    {
        var rates = new Table("upstream", "client", "build", "bare turns/s", "relay turns/s", "Samovar turns/s", "Samovar / bare",
            "Samovar / relay", "bare p50", "p99", "relay adds p50", "p99", "Samovar adds p50", "p99");
        foreach (var figures in all)
            foreach (var target in figures.Samovars)
                rates.Row([figures.Upstream, $"{figures.Wire}", target.Name, .. figures.RatesWith(target), .. figures.Times(target)]);
        ReportCosts(all);
    }

    private static void ReportCosts(IReadOnlyList<LatencyFigures> all)
    {
        Console.WriteLine();
        Console.WriteLine("What one of these turns costs in the process on the way:");
        var costs = new Table(CostColumns);
        foreach (var figures in all)
            foreach (var target in figures.Samovars)
                costs.Row([figures.Upstream, $"{figures.Wire}", target.Name, .. figures.CostsWith(target)]);
    }

    private async Task MeasureAsync(Upstream upstream, int atOnce, List<LatencyFigures> all)
    {
        await using var hop = await ChildProcess.BenchAsync("hop", "--to", $"{upstream.Port}");
        foreach (var wire in Wires)
        {
            var kind = wire == Wire.WebSocket ? "responses-ws" : "responses-http";
            await using var samovar = await GatewayServer.StartAsync(kind, [upstream.BaseUrl]);
            await using var other = Other is null ? null : await GatewayServer.StartAsync(Other, kind, [upstream.BaseUrl]);
            List<LatencyTarget> targets =
            [
                new("bare", upstream.BaseUrl), new("relay", hop.BaseUrl,
                    () => Task.FromResult(new ProcessCosts(hop.ProcessorTime()))),
                new("this", samovar.BaseUrl, samovar.CostsAsync),
            ];
            if (other is not null) targets.Add(new("other", other.BaseUrl, other.CostsAsync));
            if (atOnce == 1) await AlternateAsync(targets, wire);
            else await LoadAsync(targets, wire, atOnce);
            all.Add(new LatencyFigures(upstream.Name, wire, [.. targets]));
        }
    }

    private async Task AlternateAsync(List<LatencyTarget> targets, Wire wire)
    {
        foreach (var target in targets) await target.OpenAsync(wire, 1);
        for (var step = 0; step < WarmUpMax && (step == 0 || !targets.TrueForAll(target => target.IsWarm)); step++)
            await TurnsAsync(targets, WarmUpStep, counts: false);
        await TurnsAsync(targets, Turns, counts: true);
        foreach (var target in targets) await target.CloseAsync();
    }

    private static async Task TurnsAsync(List<LatencyTarget> targets, int turns, bool counts)
    {
        foreach (var target in targets) await target.BeginCostsAsync();
        for (var turn = 0; turn < turns; turn++)
            for (var next = 0; next < targets.Count; next++)
                await targets[(turn + next) % targets.Count].TurnAsync(0, turn, ConversationTurns, counts);
        foreach (var target in targets) await target.EndCostsAsync(counts);
    }

    private async Task LoadAsync(List<LatencyTarget> targets, Wire wire, int atOnce)
    {
        foreach (var target in targets) await target.OpenAsync(wire, atOnce);
        for (var phase = 0; phase < WarmUpMax && (phase == 0 || !targets.TrueForAll(target => target.IsWarm)); phase++)
            foreach (var target in targets) await target.PhaseAsync(PhaseTurns, ConversationTurns, counts: false);
        for (var round = 0; round < Rounds; round++)
            foreach (var target in targets) await target.PhaseAsync(PhaseTurns, ConversationTurns, counts: true);
        foreach (var target in targets) await target.CloseAsync();
    }
}
