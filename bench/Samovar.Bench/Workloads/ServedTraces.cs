using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What tracing is of a turn that is really served: by a server's own process, its model and a stream over a socket. Its cost is far below
/// what two such runs differ by, so it is what noting costs by itself, as often as the turn's trace says, of all that the turn costs.
/// </summary>
internal sealed record ServedTraces(string Model, int[] Outputs, TraceCosts Costs)
{
    private const int Headroom = 2048, TokensPerRow = 4000, TurnsMin = 2, OutputMin = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task ShowAsync()
    {
        await using var server = await ServerProcess.StartAsync(
            ["--model", Model, "--ctx", $"{Outputs.Max() + Headroom}", "--streams", "1", "--log-level", "Warning"], Patience);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        var table = new Table("tokens out, served", "turns", "writes of a turn", "µs of a core a turn", "of that tracing, µs", "%");
        await RunAsync(http, Outputs[0]);
        foreach (var tokens in Outputs)
        {
            var turns = Math.Max(TurnsMin, TokensPerRow / (tokens + 1));
            var (before, writes, said) = (server.ProcessorTime(), new List<double>(), new List<double>());
            for (var turn = 0; turn < turns; turn++)
            {
                var (written, spoken) = await RunAsync(http, tokens);
                writes.Add(written);
                said.Add(spoken);
            }
            var cost = (server.ProcessorTime() - before).TotalMicroseconds / turns;
            var tracing = Costs.Life + Figures.Median(writes) * Costs.Write;
            table.Row(Figures.Show(Figures.Median(said)), Figures.Show(turns), Figures.Show(Figures.Median(writes)), Figures.Show(cost),
                Figures.Show(tracing, 1), Figures.Show(100 * tracing / cost, 3));
        }
        Console.WriteLine();
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
        return trace.GetProperty("spans").EnumerateArray()
            .Where(static span => span.GetProperty("stage").GetString() == "write").Sum(static span => span.GetProperty("count").GetInt32());
    }
}
