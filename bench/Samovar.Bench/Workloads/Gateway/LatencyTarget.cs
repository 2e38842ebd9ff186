using System.Collections.Concurrent;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>One server that takes the turns, and the times that they took.</summary>
internal sealed class LatencyTarget(Uri server)
{
    private readonly ConcurrentBag<double> _times = [];
    private readonly List<double> _rates = [];
    private TurnClient[] _clients = [];
    private Dialogue[] _dialogues = [];
    private bool _stores;
    private int _failures;

    public IReadOnlyCollection<double> Times => _times;
    public IReadOnlyCollection<double> Rates => _rates;

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
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, _clients.Length).Select(async client =>
        {
            for (var turn = 0; turn < turns; turn++) await TurnAsync(client, turn, conversationTurns, counts);
        }));
        if (counts) _rates.Add(turns * _clients.Length / TimeProvider.System.GetElapsedTime(started).TotalSeconds);
    }

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

    public double Added(int target, double share) =>
        Figures.Percentile(Targets[target].Times, share) - Figures.Percentile(Bare.Times, share);

    public double Rate(int target) => Figures.Median(Targets[target].Rates);

    public IEnumerable<string> Times() => new[]
    {
        Figures.Percentile(Bare.Times, 0.5), Figures.Percentile(Bare.Times, 0.99),
        Added(1, 0.5), Added(1, 0.99), Added(2, 0.5), Added(2, 0.99),
    }.Select(time => Figures.Show(time));

    public IEnumerable<string> Rates() =>
        [Figures.Show(Rate(0)), Figures.Show(Rate(1)), Figures.Show(Rate(2)), Figures.Show(100 * Rate(2) / Rate(0)) + " %"];
}
