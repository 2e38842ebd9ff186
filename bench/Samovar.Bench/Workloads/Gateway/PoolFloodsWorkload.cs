using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// What one tenant's flood costs another that takes one turn after the other: at the queue of a pool, whose upstream carries a few turns at
/// once and whose flood tries refusals again at once; and at the node's places for running turns, which the flood fills with turns at an
/// upstream that never answers.
/// </summary>
/// <param name="Turns">Turns of the quiet tenant in each measurement.</param>
/// <param name="Flood">Turns that the flood keeps going at the pool.</param>
/// <param name="Dead">Turns that the flood begins at the upstream that never answers.</param>
internal sealed record PoolFloodsWorkload(int Turns, int Flood, int Dead)
{
    private const int PauseMs = 5, DeltasMs = 16 * PauseMs;
    private const string FloodKey = "key-of-flood", QuietKey = "key-of-quiet";
    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(8);

    public async Task RunAsync()
    {
        Console.WriteLine($"The quiet tenant: {Turns} turns, one after the other, of 16 deltas every {PauseMs} ms, over SSE; times to the "
            + $"first event in ms. A turn of the flood takes about {DeltasMs} ms; \"none open\" keeps no place for newcomers.");
        var table = new Table("flood", "quiet tenant", "refused", "p50", "p95", "flood alone turns/s", "flood beside turns/s");
        await AtThePoolAsync(table, places: 8);
        await AtThePoolAsync(table, places: 8, openPart: 0);
        await AtThePoolAsync(table, places: 3);
        await AtTheNodeAsync(table);
    }

    private async Task AtThePoolAsync(Table table, int places, int? openPart = null)
    {
        await using var upstream = await PlainUpstream.StartAsync();
        using var keys = new KeysFile();
        await using var samovar = await StartAsync(upstream, keys, ("Upstream:Pools:0:Destinations:0:InFlightMax", $"{places}"),
            ("Upstream:Pools:0:OpenPart", $"{openPart ?? 8}"));
        var name = $"pool of {places}{(openPart == 0 ? ", none open" : "")}, {Flood} turns";
        Show(table, name, "alone", await QuietAsync(samovar.BaseUrl));
        var alone = await FloodAsync(samovar.BaseUrl, () => Task.Delay(Phase));
        QuietFigures? beside = null;
        var rate = await FloodAsync(samovar.BaseUrl, async () => beside = await QuietAsync(samovar.BaseUrl));
        Show(table, name, "beside", beside!, Figures.Show(alone, 1), Figures.Show(rate, 1));
    }

    private async Task AtTheNodeAsync(Table table)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(backlog: 4096); // connections come about, and nobody ever answers
        var port = ((IPEndPoint)silent.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var upstream = await PlainUpstream.StartAsync();
        using var keys = new KeysFile();
        const string second = "Upstream:Pools:1:";
        var samovar = await StartAsync(upstream, keys, ("Upstream:Pools:0:Destinations:0:Models:0", "bench"), (second + "Name", "silent"),
            (second + "Destinations:0:Name", "silent"), (second + "Destinations:0:Kind", "responses-http"),
            (second + "Destinations:0:BaseUrl", $"http://127.0.0.1:{port}/v1"), (second + "Destinations:0:Models:0", "silent"));
        Show(table, $"node, {Dead} turns", "alone", await QuietAsync(samovar.BaseUrl));
        var flood = Enumerable.Range(0, Dead).Select(_ => TurnAsync(samovar.BaseUrl, FloodKey, "silent", seed: 0)).ToArray();
        await Task.Delay(Phase / 4);
        Show(table, $"node, {Dead} turns", "beside", await QuietAsync(samovar.BaseUrl));
        await samovar.DisposeAsync(); // ends the flood, too
        await Task.WhenAll(flood);
    }

    private static Task<GatewayServer> StartAsync(PlainUpstream upstream, KeysFile keys, params (string Key, string Value)[] settings) =>
        GatewayServer.StartAsync("responses-http", [upstream.BaseUrl], logsRequests: false, [("Auth:KeyFile", keys.Path), .. settings]);

    private async Task<QuietFigures> QuietAsync(Uri server)
    {
        var times = new List<double>();
        var refused = 0;
        for (var turn = 0; turn < Turns; turn++)
        {
            var figures = await TurnAsync(server, QuietKey, "bench", turn);
            if (figures.Error is null) times.Add(figures.FirstEvent.TotalMilliseconds);
            else refused++;
        }
        return new QuietFigures(refused, times);
    }

    /// <summary>Keeps the flood going as long as something else runs.</summary>
    /// <returns>Its turns that ended well, each second.</returns>
    private async Task<double> FloodAsync(Uri server, Func<Task> beside)
    {
        using var over = new CancellationTokenSource();
        var ended = new ConcurrentBag<long>();
        var workers = Enumerable.Range(0, Flood).Select(async worker =>
        {
            while (!over.IsCancellationRequested)
                if ((await TurnAsync(server, FloodKey, "bench", worker)).Error is null) ended.Add(TimeProvider.System.GetTimestamp());
        }).ToArray();
        await Task.Delay(Phase / 4); // until it is one
        var began = TimeProvider.System.GetTimestamp();
        await beside();
        var rate = ended.Count(at => at >= began) / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await over.CancelAsync();
        await Task.WhenAll(workers);
        return rate;
    }

    private static async Task<TurnFigures> TurnAsync(Uri server, string key, string model, int seed)
    {
        await using var client = new PostClient(server, streams: true, key);
        return await client.TurnAsync(new TurnAsk(TurnAsk.User(Speech.OfLength(150, seed) + $" [[pause={PauseMs}]]")) { Model = model });
    }

    private static void Show(Table table, string flood, string quiet, QuietFigures figures, string alone = "–", string beside = "–") =>
        table.Row(flood, quiet, $"{figures.Refused}", Figures.Show(Figures.Percentile(figures.Times, 0.5), 1),
            Figures.Show(Figures.Percentile(figures.Times, 0.95), 1), alone, beside);

    private sealed record QuietFigures(int Refused, IReadOnlyList<double> Times);

    /// <summary>Two tenants' keys, as long as a server runs.</summary>
    private sealed class KeysFile : IDisposable
    {
        public KeysFile() => File.WriteAllText(Path,
            $$"""{"tenants": {"flood": ["{{FloodKey}}"], "quiet": ["{{QuietKey}}"] } }""");

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
