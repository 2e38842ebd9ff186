using System.Collections.Concurrent;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>One server that takes the turns, the times that they took, and what the process on the way used for them.</summary>
/// <param name="name">As the tables call it.</param>
/// <param name="server">What stands before <c>/responses</c>.</param>
/// <param name="costs">What the process has used so far; null where nothing stands on the way.</param>
internal sealed class LatencyTarget(string name, Uri server, Func<Task<ProcessCosts>>? costs = null)
{
    private const double CompilingShareMax = 0.02;
    private readonly ConcurrentBag<double> _times = [];
    private readonly List<double> _rates = [];
    private TurnClient[] _clients = [];
    private Dialogue[] _dialogues = [];
    private ProcessCosts _begun, _newest;
    private bool _stores;
    private int _failures;

    public string Name { get; } = name;
    public IReadOnlyCollection<double> Times => _times;
    public IReadOnlyCollection<double> Rates => _rates;

    /// <summary>What the process used for the turns that count.</summary>
    public ProcessCosts Costs { get; private set; }

    public async Task OpenAsync(Wire wire, int clients)
    {
        _stores = wire != Wire.WebSocket;
        _clients = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => TurnClient.OpenAsync(wire, server)));
        _dialogues = [.. _clients.Select(client => new Dialogue(client, _stores))];
    }

    /// <summary>One turn of one client; every so often a new conversation begins.</summary>
    public async Task TurnAsync(int client, int turn, int conversationTurns, bool counts)
    {
        if (turn % conversationTurns == 0) _dialogues[client] = new Dialogue(_clients[client], _stores, "You help.");
        var text = Speech.OfLength(150, turn + 1_000_000) + " [[final=" + StubLetters + "]]";
        var figures = await _dialogues[client].TurnAsync(TurnAsk.User(text));
        if (figures.Error is not null) Interlocked.Increment(ref _failures);
        if (counts) _times.Add(figures.Total.TotalMicroseconds);
    }

    /// <summary>All clients at once, each with so many turns one after the other.</summary>
    public async Task PhaseAsync(int turns, int conversationTurns, bool counts)
    {
        await BeginCostsAsync();
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, _clients.Length).Select(async client =>
        {
            for (var turn = 0; turn < turns; turn++) await TurnAsync(client, turn, conversationTurns, counts);
        }));
        var took = TimeProvider.System.GetElapsedTime(started);
        await EndCostsAsync(counts);
        if (counts) _rates.Add(turns * _clients.Length / took.TotalSeconds);
    }

    /// <summary>What the process uses from now on counts.</summary>
    public async Task BeginCostsAsync()
    {
        if (costs is not null) _begun = await costs();
    }

    public async Task EndCostsAsync(bool counts)
    {
        if (costs is null) return;
        _newest = await costs() - _begun;
        if (counts) Costs += _newest;
    }

    /// <summary>Whether, as far as was measured last, the JIT compiler has little left to do.</summary>
    public bool IsWarm => _newest.Compiling <= CompilingShareMax * _newest.Processor;

    /// <exception cref="InvalidOperationException">A turn failed: the times are worth nothing.</exception>
    public async Task CloseAsync()
    {
        if (_failures > 0) throw new InvalidOperationException($"{_failures} turns failed.");
        foreach (var client in _clients) await client.DisposeAsync();
    }

    /// <summary>What both stubs answer with: 16 deltas of 4 letters.</summary>
    private const string StubLetters = "the server keeps a list of files and reads each line before it w";
}

/// <summary>The targets of one upstream and client side by side: bare, through the relay, through Samovar.</summary>
internal sealed record LatencyFigures(string Upstream, Wire Wire, LatencyTarget[] Targets)
{
    private LatencyTarget Bare => Targets[0];
    private LatencyTarget Relay => Targets[1];

    /// <summary>Samovar, and beside it another build where one was asked for.</summary>
    public IEnumerable<LatencyTarget> Samovars => Targets[2..];

    public double Added(LatencyTarget target, double share) =>
        Figures.Percentile(target.Times, share) - Figures.Percentile(Bare.Times, share);

    public static double Rate(LatencyTarget target) => Figures.Median(target.Rates);

    /// <summary>Percentiles of the bare upstream, and what the relay and the target add to them.</summary>
    public IEnumerable<string> Times(LatencyTarget target) => new[]
    {
        Figures.Percentile(Bare.Times, 0.5), Figures.Percentile(Bare.Times, 0.99),
        Added(Relay, 0.5), Added(Relay, 0.99), Added(target, 0.5), Added(target, 0.99),
    }.Select(time => Figures.Show(time));

    /// <summary>Median rates with their middle halves, and the target's share of the others'.</summary>
    public IEnumerable<string> RatesWith(LatencyTarget target) =>
    [
        Rated(Bare), Rated(Relay), Rated(target),
        Figures.Show(100 * Rate(target) / Rate(Bare)) + " %", Figures.Show(100 * Rate(target) / Rate(Relay)) + " %",
    ];

    /// <summary>What one turn costs in the relay's process and in the target's.</summary>
    public IEnumerable<string> CostsWith(LatencyTarget target)
    {
        double Each(double all) => all / target.Times.Count;
        var costs = target.Costs;
        return new[]
        {
            Figures.Show(Relay.Costs.Processor.TotalMicroseconds / Relay.Times.Count),
            Figures.Show(Each(costs.Processor.TotalMicroseconds)), Figures.Show(Each(costs.Compiling.TotalMicroseconds), 1),
            Figures.Show(Each(costs.AllocatedBytes) / 1024, 1),
            Figures.Show(Each(costs.Pauses.TotalMicroseconds), 1), Figures.Show(1000 * Each(costs.Contentions), 1),
        };
    }

    private static string Rated(LatencyTarget target) => Figures.Show(Rate(target))
        + $" ({Figures.Show(Figures.Percentile(target.Rates, 0.25))}–{Figures.Show(Figures.Percentile(target.Rates, 0.75))})";
}
