using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Protocol.Ids;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What tracing is of a turn that is really served, as a stream over a socket: by a server that takes no time for a model, and by one with
/// a model. Its cost is far below what two such runs differ by, so it is what noting costs by itself, as often as the turn's trace says,
/// of all that the turn costs.
/// </summary>
/// <param name="Model">Null: none is served.</param>
internal sealed record ServedTraces(string? Model, int[] Outputs, TraceCosts Costs)
{
    private const int Headroom = 2048, TokensPerRow = 20_000, TokensPerModelRow = 4000, TurnsMin = 2, TurnsMax = 1000, OutputMin = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task ShowAsync()
    {
        var table = new Table("served, tokens out", "turns", "writes of a turn", "µs of a core a turn", "of that tracing, µs", "%");
        foreach (var tokens in Outputs) await ShowInstantAsync(table, tokens);
        if (Model is not null) await ShowModelAsync(table, Model);
        Console.WriteLine();
    }

    private async Task ShowInstantAsync(Table table, int tokens)
    {
        await using var engine = InstantEngine.Saying(tokens);
        var backend = new EmbeddedBackend(
            engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);
        await using var server = await RunningServer.StartAsync(backend);
        await ShowAsync(
            table, "no model, its client included", server.Http, tokens, TokensPerRow, static () => Environment.CpuUsage.TotalTime);
    }

    private async Task ShowModelAsync(Table table, string model)
    {
        await using var server = await ServerProcess.StartAsync(
            ["--model", model, "--ctx", $"{Outputs.Max() + Headroom}", "--streams", "1", "--log-level", "Warning"], Patience);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        foreach (var tokens in Outputs)
        {
            var said = await ShowAsync(table, "a model", http, tokens, TokensPerModelRow, server.ProcessorTime);
            if (said < tokens) return; // it has no more to say
        }
    }

    private async Task<double> ShowAsync(Table table, string what, HttpClient http, int tokens, int tokensInAll, Func<TimeSpan> spent)
    {
        await RunAsync(http, tokens); // what is compiled and opened once
        var turns = Math.Clamp(tokensInAll / (tokens + 1), TurnsMin, TurnsMax);
        var (before, writes, said) = (spent(), new List<double>(), new List<double>());
        for (var turn = 0; turn < turns; turn++)
        {
            var (written, spoken) = await RunAsync(http, tokens);
            writes.Add(written);
            said.Add(spoken);
        }
        var cost = (spent() - before).TotalMicroseconds / turns;
        var tracing = Costs.Life + Figures.Median(writes) * Costs.Write;
        table.Row($"{what}: {Figures.Show(Figures.Median(said))}", Figures.Show(turns), Figures.Show(Figures.Median(writes)),
            Figures.Show(cost), Figures.Show(tracing, 1), Figures.Show(100 * tracing / cost, 3));
        return Figures.Median(said);
    }

    private static async Task<(int Writes, int Tokens)> RunAsync(HttpClient http, int tokens)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
        {
            Content = JsonContent.Create(new { model = "m", input = "Tell me a story.", store = false, stream = true,
                max_output_tokens = Math.Max(OutputMin, tokens) }),
        };
        using var answer = await http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"A turn failed: {await answer.Content.ReadAsStringAsync()}");
        var (id, said) = ("", 0);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            using var json = JsonDocument.Parse(line.AsMemory("data: ".Length));
            if (!json.RootElement.TryGetProperty("response", out var response)) continue;
            id = response.GetProperty("id").GetString()!;
            if (response.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
                said = usage.GetProperty("output_tokens").GetInt32();
        }
        return (await WritesAsync(http, id), said);
    }

    private static async Task<int> WritesAsync(HttpClient http, string id)
    {
        var trace = await http.GetFromJsonAsync<JsonElement>(
            string.Create(CultureInfo.InvariantCulture, $"/v1/samovar/trace/{id}"));
        return trace.GetProperty("spans").EnumerateArray().Where(static span => span.GetProperty("stage").GetString() == "write")
            .Sum(static span => span.GetProperty("count").GetInt32());
    }
}
