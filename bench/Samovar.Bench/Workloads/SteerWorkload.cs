using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// A user changes his mind in the middle of an answer: from his words to the first token that knows of them. Steered, the answer's state
/// stays, and what was said with it; cancelled and asked again, both are gone.
/// </summary>
internal sealed record SteerWorkload(string Model, int[] Depths, int SaidTokens, int Runs)
{
    private const int OutputTokens = 64, Headroom = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task RunAsync()
    {
        var table = new Table("characters before", "how", "first token ms", "prompt tokens", "prefilled", "tokens of the answer kept");
        await using var server = await ServerProcess.StartAsync(["Samovar.Cli.dll"],
            ["--model", Model, "--ctx", $"{Depths.Max() + Headroom}", "--streams", "1", "--log-level", "Warning"],
            new Dictionary<string, string> { ["SAMOVAR_Turns__SteeredItemMax"] = "00:00:00" }, Patience);
        var target = new Uri($"ws://127.0.0.1:{server.Port}/v1/responses");
        foreach (var depth in Depths)
            foreach (var isSteered in (bool[])[true, false])
                await MeasureAsync(target, depth, isSteered, table);
    }

    private async Task MeasureAsync(Uri server, int depth, bool isSteered, Table table)
    {
        var turns = new List<NextTurn>();
        for (var run = 0; run < Runs; run++) turns.Add(await TurnAsync(server, Speech.OfLength(depth, 2 * run + depth), isSteered));
        var last = turns[^1];
        table.Row(Figures.Show(depth), isSteered ? "steered" : "cancelled, asked again",
            Figures.Show(Figures.Median(turns.Select(turn => turn.FirstToken.TotalMilliseconds))), Figures.Show(last.Prompt),
            Figures.Show(last.Prompt - last.Cached), Figures.Show(last.Kept));
    }

    private async Task<NextTurn> TurnAsync(Uri server, string question, bool isSteered)
    {
        using var late = new CancellationTokenSource(Patience);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(server, late.Token);
        await SendAsync(socket, Create(question), late.Token);
        var id = "";
        for (var said = 0; said < SaidTokens;)
        {
            var e = await ReadAsync(socket, late.Token);
            if (e.TryGetProperty("response", out var response)) id = response.GetProperty("id").GetString()!;
            if (IsDelta(e)) said++;
        }
        var began = Stopwatch.GetTimestamp();
        await SendAsync(socket, isSteered ? $$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"Stop."}"""
            : """{"type":"response.cancel"}""", late.Token);
        var (before, _) = await EndAsync(socket, late.Token);
        if (!isSteered) await SendAsync(socket, Create(question + " Stop."), late.Token);
        var (usage, first) = await EndAsync(socket, late.Token);
        return new NextTurn(Stopwatch.GetElapsedTime(began, first), usage.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(),
            isSteered ? before.GetProperty("output_tokens").GetInt32() : 0);
    }

    /// <summary>The usage that the next terminal event has, and when the first token came before it.</summary>
    private static async Task<(JsonElement Usage, long First)> EndAsync(ClientWebSocket socket, CancellationToken late)
    {
        var first = 0L;
        while (true)
        {
            var e = await ReadAsync(socket, late);
            if (first == 0 && IsDelta(e)) first = Stopwatch.GetTimestamp();
            if (TypeOf(e) is "response.completed" or "response.incomplete" or "response.failed")
                return (e.GetProperty("response").GetProperty("usage"), first);
            if (TypeOf(e) is "error" or "response.steer.failed") throw new InvalidOperationException($"A turn failed: {e}");
        }
    }

    private static string Create(string question) =>
        $$"""{"type":"response.create","model":"m","store":false,"max_output_tokens":{{OutputTokens}},"input":"{{question}}"}""";

    private static bool IsDelta(JsonElement e) => TypeOf(e).EndsWith(".delta", StringComparison.Ordinal);

    private static string TypeOf(JsonElement e) => e.GetProperty("type").GetString()!;

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken late) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, late);

    private static async Task<JsonElement> ReadAsync(ClientWebSocket socket, CancellationToken late)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), late);
            if (received.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("The server closed the socket.");
            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage) continue;
            using var json = JsonDocument.Parse(message.ToArray());
            return json.RootElement.Clone();
        }
    }

    private sealed record NextTurn(TimeSpan FirstToken, int Prompt, int Cached, int Kept);
}
