using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Constants;

/// <summary>What a session that is open and silent takes of the server's resident memory, and what a token's KV state takes.</summary>
internal sealed record SessionWorkload(string Model, int Rounds)
{
    private const int Sockets = 400;
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500), StartMax = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<string> Names { get; } = [ConstantNames.IdleBytes, ConstantNames.KvBytes];

    public async Task<IReadOnlyList<MeasuredValue>> MeasureAsync()
    {
        await using var server = await ServerProcess.StartAsync(["--model", Model, "--log-level", "Error"], StartMax);
        var target = new Uri($"ws://127.0.0.1:{server.Port}/v1/responses");
        var sockets = new List<ClientWebSocket>();
        try
        {
            await OpenAsync(target, sockets); // code paths and pools are warm before the first reading
            var (each, before) = (new List<double>(), server.ResidentBytes());
            for (var round = 0; round < Rounds; round++)
            {
                await OpenAsync(target, sockets);
                var after = server.ResidentBytes();
                each.Add((after - before) / (double)Sockets);
                before = after;
            }
            var (name, bytes) = await KvAsync(server);
            return
            [
                new MeasuredValue(ConstantNames.IdleBytes, "B", each, $"resident memory of a WebSocket, {Sockets} more each round"),
                new MeasuredValue(ConstantNames.KvBytes, "B", [.. Enumerable.Repeat((double)bytes, Rounds)],
                    $"as the engine lays it out: {name}; a model of 8B with 32 layers, 8 KV heads of 128 and F16 takes 131,072"),
            ];
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private static async Task OpenAsync(Uri target, List<ClientWebSocket> sockets)
    {
        for (var opened = 0; opened < Sockets; opened++)
        {
            var socket = new ClientWebSocket();
            sockets.Add(socket);
            await socket.ConnectAsync(target, CancellationToken.None);
        }
        await Task.Delay(Settling);
    }

    private static async Task<(string Name, int Bytes)> KvAsync(ServerProcess server)
    {
        using var http = new HttpClient();
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/health")));
        var model = health.RootElement.GetProperty("model");
        return (model.GetProperty("name").GetString()!, model.GetProperty("state_bytes_per_token").GetInt32());
    }
}
