using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>Clients that ask for long answers and never read: what they make the server hold while they are there.</summary>
/// <param name="Clients">Clients of each kind.</param>
/// <param name="AnswerBytes">Text of each answer, which the upstream sends as fast as it is read.</param>
/// <param name="Wait">How long they stay before the server is weighed: less than <c>WriteTimeMax</c>, which cuts them.</param>
internal sealed record UnreadWorkload(int Clients, int AnswerBytes, TimeSpan Wait)
{
    private const int DeltaBytes = 1000;
    private const int TurnsOfOne = 48;
    private static readonly TimeSpan BeginMax = TimeSpan.FromMinutes(1);

    public async Task RunAsync()
    {
        Console.WriteLine($"Answers of {AnswerBytes / 1e6:N0} MB, none is read; the server is weighed after {Wait.TotalSeconds:N0} s. "
            + "'live' is managed memory after a full collection, 'logs' what the budget says that unread events hold.");
        var table = new Table("clients", "upstream", "live before MB", "live MB", "resident before MB", "resident MB", "logs MB");
        foreach (var figures in await MeasureAsync())
            table.Row(figures.Clients, figures.Upstream, Mega(figures.LiveBefore), Mega(figures.Live), Mega(figures.ResidentBefore),
                Mega(figures.Resident), Mega(figures.Logs));
    }

    public async Task<IReadOnlyList<UnreadFigures>> MeasureAsync()
    {
        var all = new List<UnreadFigures>();
        foreach (var kind in new[] { "responses-http", "responses-ws" })
        {
            all.Add(await MeasureAsync($"{Clients} SSE", kind, port => ManyAsync(Clients, () => PostAsync(port))));
            all.Add(await MeasureAsync($"{Clients} WebSockets", kind, port => ManyAsync(Clients, () => SocketAsync(port, turns: 1))));
            all.Add(await MeasureAsync(
                $"1 WebSocket, {TurnsOfOne} turns", kind, port => ManyAsync(1, () => SocketAsync(port, TurnsOfOne))));
        }
        return all;
    }

    private async Task<UnreadFigures> MeasureAsync(string clients, string kind, Func<int, Task<List<IDisposable>>> open)
    {
        await using var upstream = await PlainUpstream.StartAsync();
        await using var samovar = await GatewayServer.StartAsync(kind, [upstream.BaseUrl]);
        var (live, resident) = (await samovar.LiveBytesAsync(), samovar.ResidentBytes());
        var opened = await open(samovar.Port);
        await BegunAsync(samovar);
        await Task.Delay(Wait);
        var figures = new UnreadFigures(clients, kind, live, await samovar.LiveBytesAsync(), resident, samovar.ResidentBytes(),
            await LogsAsync(samovar));
        foreach (var client in opened) client.Dispose();
        return figures;
    }

    /// <summary>The first answer is there: a busy machine takes its time to write so much.</summary>
    private static async Task BegunAsync(GatewayServer samovar)
    {
        using var late = new CancellationTokenSource(BeginMax);
        while (await LogsAsync(samovar) == 0) await Task.Delay(TimeSpan.FromMilliseconds(100), late.Token);
    }

    private static async Task<long> LogsAsync(GatewayServer samovar) =>
        (long)await samovar.MetricAsync("samovar_memory_held_bytes", "\"logs\"");

    private static async Task<List<IDisposable>> ManyAsync(int count, Func<Task<IDisposable>> open)
    {
        var all = new List<IDisposable>();
        for (var i = 0; i < count; i++) all.Add(await open());
        return all;
    }

    private async Task<IDisposable> PostAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var body = $$"""{"model":"bench","store":false,"stream":true,"input":"{{Script()}}"}""";
        var head = $"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + body));
        return client;
    }

    private async Task<IDisposable> SocketAsync(int port, int turns)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/v1/responses"), CancellationToken.None);
        for (var turn = 0; turn < turns; turn++)
        {
            var frame = $$"""{"type":"response.create","stream_id":"l{{turn % 16}}","model":"bench","store":false,"""
                + $$""" "input":"{{Script()}}"}""";
            await socket.SendAsync(Encoding.ASCII.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        return socket;
    }

    private string Script() => $"[[deltas={AnswerBytes / DeltaBytes}]] [[bytes={DeltaBytes}]]";

    private static string Mega(long bytes) => Figures.Show(bytes / 1e6, 1);
}

/// <summary>What unread answers made the server hold.</summary>
internal sealed record UnreadFigures(
    string Clients, string Upstream, long LiveBefore, long Live, long ResidentBefore, long Resident, long Logs);
