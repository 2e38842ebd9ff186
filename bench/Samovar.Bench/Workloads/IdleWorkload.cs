using System.Net.WebSockets;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>Sockets that are open and silent: what each costs the server in resident memory.</summary>
internal sealed record IdleWorkload(string Model, int Sockets)
{
    public async Task RunAsync()
    {
        await using var server = await ServerProcess.StartAsync(["--model", Model], TimeSpan.FromMinutes(5));
        var target = new Uri($"ws://127.0.0.1:{server.Port}/v1/responses");
        var sockets = new List<ClientWebSocket>();
        await OpenAsync(target, sockets, 200); // code paths and pools are warm before the first reading
        var before = server.ResidentBytes();
        await OpenAsync(target, sockets, Sockets);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var after = server.ResidentBytes();
        var table = new Table("idle sockets", "resident before MB", "resident after MB", "KB each");
        table.Row(Figures.Show(Sockets), Figures.Show(before / 1e6, 1), Figures.Show(after / 1e6, 1),
            Figures.Show((after - before) / 1024.0 / Sockets, 1));
        foreach (var socket in sockets) socket.Dispose();
    }

    private static async Task OpenAsync(Uri target, List<ClientWebSocket> sockets, int count)
    {
        for (var opened = 0; opened < count; opened++)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(target, CancellationToken.None);
            sockets.Add(socket);
        }
    }
}
