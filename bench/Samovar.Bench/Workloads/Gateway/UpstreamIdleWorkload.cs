using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// Client sockets that are silent after one turn each through an upstream socket: what a conversation and its state on both sides weigh,
/// and how many upstream sockets are kept.
/// </summary>
/// <param name="Kept">Upstream sockets that may wait: <c>Upstream:IdleSocketsMax</c>.</param>
/// <param name="WarmUp">Sockets that are there before the first reading.</param>
/// <param name="SettlingSeconds">Between the last turn and a reading.</param>
internal sealed record UpstreamIdleWorkload(int Sockets, int Kept, int WarmUp = 200, int SettlingSeconds = 5)
{
    private const int AtOnce = 16;

    public async Task RunAsync()
    {
        Console.WriteLine($"{Sockets:N0} client sockets, silent after one turn of 400 bytes each; at most {Kept:N0} upstream sockets may "
            + "wait. The floor is a bare Kestrel socket (the stub's side) and a bare ClientWebSocket (the bench's side). "
            + $"{WarmUp} sockets more were there before. KB each:");
        var figures = await MeasureAsync();
        var table = new Table("sockets", "upstream sockets kept", "resident", "live", "bare Kestrel socket, resident",
            "bare client socket, live", "failures");
        table.Row(Figures.Show(figures.Sockets), Figures.Show(figures.Kept), Figures.Show(figures.ResidentKilobytes, 1),
            Figures.Show(figures.LiveKilobytes, 1), Figures.Show(figures.StubKilobytes, 1), Figures.Show(figures.ClientKilobytes, 1),
            $"{figures.Failures}");
    }

    /// <exception cref="InvalidOperationException">The machine allows too few file descriptors.</exception>
    public async Task<UpstreamIdleFigures> MeasureAsync()
    {
        Descriptors.Require(Sockets + WarmUp + Math.Min(Sockets + WarmUp, Kept));
        await using var upstream = await PlainUpstream.StartAsync();
        await using var samovar = await GatewayServer.StartAsync("responses-ws", [upstream.BaseUrl], logsRequests: false,
            ("Upstream:IdleSocketsMax", $"{Kept}"), ("Server:ConnectionsMax", $"{Sockets + WarmUp + 100}"),
            ("Sessions:CountMax", $"{Sockets + WarmUp + 1}"));
        var clients = new List<TurnClient>();
        await OpenAsync(samovar.BaseUrl, WarmUp, clients); // code paths and pools are warm before the first reading
        await Task.Delay(TimeSpan.FromSeconds(SettlingSeconds));
        var before = await ReadAsync(samovar, upstream);
        var failures = await OpenAsync(samovar.BaseUrl, Sockets, clients);
        await Task.Delay(TimeSpan.FromSeconds(SettlingSeconds));
        var after = await ReadAsync(samovar, upstream);
        var kept = (await upstream.CountsAsync()).Sockets;
        foreach (var client in clients) await client.DisposeAsync();
        return new UpstreamIdleFigures(Sockets, kept, failures, before, after);
    }

    private static async Task<MemoryReading> ReadAsync(GatewayServer samovar, PlainUpstream upstream)
    {
        var resident = samovar.ResidentBytes();
        return new MemoryReading(
            resident, await samovar.LiveBytesAsync(), upstream.ResidentBytes(), GC.GetTotalMemory(forceFullCollection: true));
    }

    private static async Task<int> OpenAsync(Uri server, int count, List<TurnClient> clients)
    {
        var (failures, gate) = (0, new Lock());
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, _) =>
        {
            var client = await TurnClient.OpenAsync(Wire.WebSocket, server);
            lock (gate) clients.Add(client);
            var figures = await new Dialogue(client, stores: false).TurnAsync(TurnAsk.User(Speech.OfLength(400, index)));
            if (figures.Error is not null) Interlocked.Increment(ref failures);
        });
        return failures;
    }
}

/// <summary>Bytes of the processes at one moment.</summary>
/// <param name="Client">Managed bytes of the bench's own process.</param>
internal sealed record MemoryReading(long Resident, long Live, long StubResident, long Client);

/// <summary>What each socket weighs, in KB.</summary>
/// <param name="Kept">Upstream sockets that are open at the end, as the upstream counts.</param>
internal sealed record UpstreamIdleFigures(int Sockets, long Kept, int Failures, MemoryReading Before, MemoryReading After)
{
    public double ResidentKilobytes => Each(After.Resident - Before.Resident);
    public double LiveKilobytes => Each(After.Live - Before.Live);
    public double StubKilobytes => Each(After.StubResident - Before.StubResident);
    public double ClientKilobytes => Each(After.Client - Before.Client);

    private double Each(long bytes) => bytes / 1024.0 / Sockets;
}
