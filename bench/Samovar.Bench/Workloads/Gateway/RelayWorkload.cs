using System.Diagnostics;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// Processor time of Samovar's process for each relayed event of a long answer: all at once, and as a model sends them, one by one on
/// many streams. The relay that looks at nothing is the floor.
/// </summary>
/// <param name="Deltas">Events with text in each answer.</param>
/// <param name="Rounds">Measurements of each; the median counts.</param>
internal sealed record RelayWorkload(int Deltas, int Rounds)
{
    private const int DeltaBytes = 200;

    public async Task RunAsync()
    {
        Console.WriteLine($"Answers of {Deltas:N0} deltas with {DeltaBytes} bytes of text, {Rounds} rounds, medians. Processor ms per "
            + "1,000 events: of the upstream that makes them, of a TCP relay that looks at nothing, and of Samovar.");
        var table = new Table("wires", "arrival", "events a round", "upstream", "relay", "Samovar", "Samovar events/s of a core");
        foreach (var figures in await MeasureAsync())
            table.Row(figures.Wires, figures.Arrival, Figures.Show(figures.Events), Figures.Show(figures.Upstream, 1),
                Figures.Show(figures.Relay, 1), Figures.Show(figures.Samovar, 1), Figures.Show(1e6 / figures.Samovar));
    }

    public async Task<IReadOnlyList<RelayFigures>> MeasureAsync()
    {
        var all = new List<RelayFigures>();
        foreach (var (wire, kind) in new[] { (Wire.Sse, "responses-http"), (Wire.WebSocket, "responses-ws") })
            foreach (var arrival in new[] { new Arrival("at once", 4, 0), new Arrival("20 ms apart", 100, 20) })
                all.Add(await MeasureAsync(wire, kind, arrival));
        return all;
    }

    private async Task<RelayFigures> MeasureAsync(Wire wire, string kind, Arrival arrival)
    {
        await using var upstream = await PlainUpstream.StartAsync();
        await using var hop = await ChildProcess.BenchAsync("hop", "--to", $"{upstream.Port}");
        await using var samovar = await GatewayServer.StartAsync(kind, [upstream.BaseUrl]);
        var (relayed, made, passed, events) = (new List<double>(), new List<double>(), new List<double>(), 0L);
        for (var round = -1; round < Rounds; round++) // the first one warms up
        {
            var before = (Hop: hop.ProcessorTime(), Samovar: samovar.ProcessorTime(), Upstream: upstream.ProcessorTime());
            events = await AnswersAsync(hop.BaseUrl, wire, arrival);
            var direct = upstream.ProcessorTime();
            if (await AnswersAsync(samovar.BaseUrl, wire, arrival) != events) throw new UnreachableException("Events were lost or added.");
            if (round < 0) continue;
            passed.Add((hop.ProcessorTime() - before.Hop).TotalMilliseconds * 1000 / events);
            made.Add((direct - before.Upstream).TotalMilliseconds * 1000 / events);
            relayed.Add((samovar.ProcessorTime() - before.Samovar).TotalMilliseconds * 1000 / events);
        }
        return new RelayFigures($"{wire} → {wire}", $"{arrival.Name}, {arrival.Streams} streams", events,
            Figures.Median(made), Figures.Median(passed), Figures.Median(relayed));
    }

    private async Task<long> AnswersAsync(Uri server, Wire wire, Arrival arrival)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, arrival.Streams).Select(async _ =>
        {
            await using var client = await TurnClient.OpenAsync(wire, server);
            var deltas = arrival.PauseMs == 0 ? Deltas : Math.Max(1, Deltas / 10);
            return await client.TurnAsync(
                new TurnAsk(TurnAsk.User($"[[deltas={deltas}]] [[bytes={DeltaBytes}]] [[pause={arrival.PauseMs}]]")));
        }));
        return answers.FirstOrDefault(answer => answer.Error is not null) is { } failed
            ? throw new InvalidOperationException($"An answer failed: {failed.Error}") : answers.Sum(answer => (long)answer.Events);
    }

    /// <summary>How the deltas come.</summary>
    private sealed record Arrival(string Name, int Streams, int PauseMs);
}

/// <summary>Processor milliseconds per 1,000 events of each process.</summary>
internal sealed record RelayFigures(string Wires, string Arrival, long Events, double Upstream, double Relay, double Samovar);
