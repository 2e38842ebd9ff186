using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// One tenant floods the engine in several ways while another asks now and then: whether the other is served, when its first token comes,
/// and what the flood gets alone and beside it.
/// </summary>
/// <param name="Programs">Builds of the server to measure, each a path of Samovar.Cli.dll; the first is this build's.</param>
/// <param name="Turns">Turns of the quiet tenant in each situation.</param>
internal sealed record FloodsWorkload(string Model, IReadOnlyList<string> Programs, int Turns)
{
    private const int PromptLetters = 1500, ShortOutput = 16, LongOutput = 3000, Streams = 4, QueueMax = 64;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(60);

    private static readonly Flood[] Floods =
    [
        new("none", 0, 0, 0),
        new("4 long turns", 4, LongOutput, 0),
        new("16 long turns", 16, LongOutput, 0),
        new("60 short turns at a time", 60, ShortOutput, PromptLetters),
        new("200 at a time, retried at once", 200, ShortOutput, PromptLetters),
    ];

    public async Task RunAsync()
    {
        Console.WriteLine($"One tenant floods {Streams} streams and a queue of {QueueMax}; another asks one turn after the other: "
            + $"about {PromptLetters} letters in, {ShortOutput} tokens out. "
            + $"A refusal, or no first token within {Patience.TotalSeconds:N0} s, counts as unserved.");
        var table = new Table("server", "flood", "quiet turns served", "first token p50 ms", "p95 ms", "max ms", "against no flood",
            "flood tokens/s alone", "flood tokens/s beside it");
        for (var index = 0; index < Programs.Count; index++)
        {
            double? calm = null;
            foreach (var flood in Floods)
                calm = await MeasureAsync(index == 0 ? "this" : $"other {index}", Programs[index], flood, calm, table);
        }
    }

    private async Task<double> MeasureAsync(string name, string program, Flood flood, double? calm, Table table)
    {
        var keys = Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, """{"tenants":{"flood":["flood-key"],"quiet":["quiet-key"]}}""");
        await using var server = await ServerProcess.StartAsync(
            [program], ["--model", Model, "--ctx", "8192", "--streams", $"{Streams}", "--log-level", "Error"],
            new Dictionary<string, string> { ["SAMOVAR_Auth__KeyFile"] = keys, ["SAMOVAR_Engine__QueueMax"] = $"{QueueMax}" },
            TimeSpan.FromMinutes(5));
        using var client = new Asker(server.BaseUrl);
        await client.AskAsync("quiet-key", Speech.OfLength(PromptLetters, 1), ShortOutput, CancellationToken.None);
        using var over = new CancellationTokenSource();
        var running = Enumerable.Range(0, flood.AtOnce).Select(number => client.FloodAsync(flood, number, over.Token)).ToArray();
        await Task.Delay(Settling);
        var alone = flood.AtOnce == 0 ? 0 : await client.RateAsync(Settling * 3);
        var (first, served) = (new List<double>(), 0);
        var (before, began) = (client.FloodTokens, TimeProvider.System.GetTimestamp());
        for (var turn = 0; turn < Turns; turn++)
        {
            using var patience = new CancellationTokenSource(Patience);
            var took = await client.AskAsync("quiet-key", Speech.OfLength(PromptLetters, 100 + turn), ShortOutput, patience.Token);
            if (took is null) continue;
            served++;
            first.Add(took.Value.TotalMilliseconds);
        }
        var beside = (client.FloodTokens - before) / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await over.CancelAsync();
        await Task.WhenAll(running);
        File.Delete(keys);
        var median = Figures.Median(first);
        table.Row(name, flood.Name, $"{served} of {Turns}", Figures.Show(median), Figures.Show(Figures.Percentile(first, 0.95)),
            Figures.Show(first.DefaultIfEmpty(double.NaN).Max()), Figures.Show(median / (calm ?? median), 2),
            Figures.Show(alone), Figures.Show(flood.AtOnce == 0 ? 0 : beside));
        return calm ?? median;
    }

    /// <param name="AtOnce">Turns that are always under way; one that ends or is refused is followed by another at once.</param>
    private sealed record Flood(string Name, int AtOnce, int Output, int Letters);

    private sealed class Asker(Uri server) : IDisposable
    {
        private readonly HttpClient _http =
            new(new SocketsHttpHandler { MaxConnectionsPerServer = 1024 }) { Timeout = Timeout.InfiniteTimeSpan };
        private long _floodTokens;

        public long FloodTokens => Interlocked.Read(ref _floodTokens);

        public async Task<double> RateAsync(TimeSpan time)
        {
            var before = FloodTokens;
            await Task.Delay(time);
            return (FloodTokens - before) / time.TotalSeconds;
        }

        public async Task FloodAsync(Flood flood, int number, CancellationToken over)
        {
            for (var turn = 0; !over.IsCancellationRequested; turn++)
            {
                var text = Speech.OfLength(Math.Max(100, flood.Letters), number * 1000 + turn);
                if (await AskAsync("flood-key", text, flood.Output, over, isFlood: true) is null) await Task.Yield();
            }
        }

        /// <summary>Reads a turn to its end; the time to its first text, null where it was refused, failed, or was given up.</summary>
        public async Task<TimeSpan?> AskAsync(string key, string text, int output, CancellationToken given, bool isFlood = false)
        {
            var input = JsonSerializer.Serialize(text);
            var body = $$"""{"model":"bench","stream":true,"store":false,"max_output_tokens":{{output}},"input":{{input}}}""";
            var began = TimeProvider.System.GetTimestamp();
            TimeSpan? first = null;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/v1/responses"));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, given);
                if (response.StatusCode != HttpStatusCode.OK) return null;
                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(given));
                while (await lines.ReadLineAsync(given) is { } line)
                {
                    if (!line.StartsWith("event: response.", StringComparison.Ordinal)) continue;
                    if (line.EndsWith(".failed", StringComparison.Ordinal)) return null;
                    if (!line.EndsWith(".delta", StringComparison.Ordinal)) continue;
                    first ??= TimeProvider.System.GetElapsedTime(began);
                    if (isFlood) Interlocked.Increment(ref _floodTokens);
                }
                return first ?? TimeProvider.System.GetElapsedTime(began);
            }
            catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
            {
                return null;
            }
        }

        public void Dispose() => _http.Dispose();
    }
}
