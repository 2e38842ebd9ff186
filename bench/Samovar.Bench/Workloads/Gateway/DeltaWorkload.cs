using System.Text.Json;
using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// A long tool loop over WebSockets at both ends: bytes that come from the client, bytes that go to the upstream, and what a client
/// without state would have sent.
/// </summary>
internal sealed record DeltaWorkload(string? StubFolder, int Turns)
{
    private const int OutputBytes = 1500, ToolCount = 12, ToolBytes = 1600, InstructionBytes = 14_000;
    private static readonly TimeSpan LogMax = TimeSpan.FromMinutes(1);

    public async Task RunAsync()
    {
        Console.WriteLine($"{Turns} turns that add {OutputBytes:N0} bytes each: a user's text, or a tool's result where there are "
            + $"{ToolCount * ToolBytes / 1000} KB of tools. 'bare' sends its input alone after the first turn; 'public' also what the "
            + $"public protocol wants; 'Codex-like' also tools and {InstructionBytes / 1000} KB of instructions, with each turn.");
        var table = new Table("upstream", "client", "turns", "bytes from client", "bytes to upstream", "to upstream / from client",
            "counted upstream", "without state", "sent whole again");
        foreach (var figures in await MeasureAsync())
            table.Row(figures.Upstream, figures.Client, $"{figures.Turns}", Figures.Show(figures.BytesIn), Figures.Show(figures.BytesUp),
                Figures.Show(figures.Ratio, 3), Figures.Show(figures.BytesCounted), Figures.Show(figures.BytesStateless),
                $"{figures.WholeAgain}");
    }

    public async Task<IReadOnlyList<DeltaFigures>> MeasureAsync()
    {
        var all = new List<DeltaFigures>();
        foreach (var client in DeltaClient.All)
        {
            await using (var plain = await PlainUpstream.StartAsync())
                all.Add(await MeasureAsync(plain.Name, plain.BaseUrl, plain.BytesInAsync, client));
            all.Add(await MeasureBehindSamovarAsync(client));
            if (StubFolder is null) continue;
            await using var node = await NodeUpstream.StartAsync(StubFolder, counts: true);
            all.Add(await MeasureAsync(node.Name, node.BaseUrl, node.BytesInAsync, client));
        }
        return all;
    }

    /// <summary>Another Samovar as the upstream: it takes frames that leave out what it knows.</summary>
    private async Task<DeltaFigures> MeasureBehindSamovarAsync(DeltaClient client)
    {
        await using var plain = await PlainUpstream.StartAsync();
        await using var upstream = await GatewayServer.StartAsync("responses-ws", [plain.BaseUrl], logsRequests: true);
        return await MeasureAsync("Samovar", upstream.BaseUrl, async () =>
            (await upstream.RecordsAsync(Turns, LogMax)).Sum(record => record.GetProperty("bytes_from_client").GetInt64()), client);
    }

    private async Task<DeltaFigures> MeasureAsync(string name, Uri address, Func<Task<long>> counted, DeltaClient kind)
    {
        await using var samovar = await GatewayServer.StartAsync("responses-ws", [address], logsRequests: true);
        await using var client = await TurnClient.OpenAsync(Wire.WebSocket, samovar.BaseUrl);
        var instructions = kind.IsCodex ? Speech.OfLength(InstructionBytes, 1) : null;
        var tools = kind.HasTools ? Tools() : null;
        var dialogue = new Dialogue(client, stores: false, instructions, tools, kind.IsBare);
        var input = TurnAsk.User(kind.HasTools ? $"Do it. [[steps={Turns}]]" : Speech.OfLength(OutputBytes, 0));
        var (history, stateless) = (0L, 0L);
        for (var turn = 1; turn <= Turns; turn++)
        {
            var figures = await dialogue.TurnAsync(input);
            if (figures.Error is not null) throw new InvalidOperationException($"Turn {turn} failed: {figures.Error}");
            history += input.Length;
            stateless += history + (instructions?.Length ?? 0) + (tools?.Length ?? 0);
            history += figures.Output.Sum(item => item.Length);
            var added = Speech.OfLength(OutputBytes, turn);
            input = kind.HasTools ? TurnAsk.Result(figures.Calls[0], added) : TurnAsk.User(added);
        }
        return new DeltaFigures(name, kind.Name, Turns, await samovar.RecordsAsync(Turns, LogMax))
        {
            BytesCounted = await counted(),
            BytesStateless = stateless,
        };
    }

    private static string Tools() => "[" + string.Join(',', Enumerable.Range(1, ToolCount).Select(index =>
        $$$"""{"type":"function","name":"tool_{{{index}}}","description":"{{{Speech.OfLength(ToolBytes - 160, index)}}}","parameters":"""
        + """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}""")) + "]";

    /// <summary>How the client dresses its turns.</summary>
    private sealed record DeltaClient(string Name, bool IsBare = false, bool HasTools = false, bool IsCodex = false)
    {
        public static readonly DeltaClient[] All =
        [
            new("bare", IsBare: true), new("bare, with tools", IsBare: true, HasTools: true), new("public"),
            new("Codex-like", HasTools: true, IsCodex: true),
        ];
    }
}

/// <summary>The bytes of one session.</summary>
/// <param name="Records">Samovar's own record of each turn.</param>
internal sealed record DeltaFigures(string Upstream, string Client, int Turns, IReadOnlyList<JsonElement> Records)
{
    public long BytesIn => Records.Sum(record => record.GetProperty("bytes_from_client").GetInt64());
    public long BytesUp => Records.Sum(record => record.GetProperty("bytes_to_upstream").GetInt64());

    /// <summary>What reached the upstream, as it counted itself.</summary>
    public long BytesCounted { get; init; }
    public long BytesStateless { get; init; }
    public double Ratio => BytesUp / (double)BytesIn;
    public int WholeAgain => Records.Count(record => record.TryGetProperty("miss", out _));
}
