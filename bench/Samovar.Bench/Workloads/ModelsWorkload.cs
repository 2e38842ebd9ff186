using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// Several models in one server: what each takes to load and of memory, and the first token of a turn whose model is loaded, was never
/// loaded, or was unloaded for another.
/// </summary>
internal sealed record ModelsWorkload(string[] Files, int Rounds)
{
    private const double Mebibyte = 1 << 20;
    private const long ParkedBytes = 256 << 20;
    private const int Context = 4096, Streams = 2, WordsAsked = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task RunAsync()
    {
        var table = new Table("model", "memory for", "weights MiB", "cells MiB", "may park MiB", "process MiB more", "load ms p50",
            "of that template ms",
            "first token ms, not loaded", "first token ms, loaded p50", "loads");
        var largest = await MeasureAsync(table, "all", bytesMax: null);
        await MeasureAsync(table, "the largest alone", largest);
    }

    /// <returns>Bytes of the largest.</returns>
    private async Task<long> MeasureAsync(Table table, string room, long? bytesMax)
    {
        var settings = new Dictionary<string, string> { ["SAMOVAR_Models__UnusedMin"] = "00:00:00" };
        if (bytesMax is { } bytes) settings["SAMOVAR_Models__BytesMax"] = bytes.ToString(CultureInfo.InvariantCulture);
        await using var server = await ServerProcess.StartAsync(["Samovar.Cli.dll"],
            [
                .. Files.SelectMany((file, at) => new[] { "--model", $"{NameOf(at)}={file}" }), "--ctx", $"{Context}",
                "--streams", $"{Streams}", "--parked-bytes", $"{ParkedBytes * Files.Length}", "--log-level", "Warning",
            ], settings, Patience);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}"), Timeout = Patience };
        var measured = Files.Select(_ => new Measured()).ToArray();
        for (var round = 0; round < Rounds; round++)
            for (var at = 0; at < Files.Length; at++) await AskAsync(server, http, at, measured[at]);
        for (var at = 0; at < Files.Length; at++)
            measured[at].Show(table, Path.GetFileName(Files[at]), room);
        return measured.Max(static model => model.Held.Bytes);
    }

    private static async Task AskAsync(ServerProcess server, HttpClient http, int at, Measured into)
    {
        var before = await StateAsync(http, at);
        var resident = server.ResidentBytes();
        var first = await FirstTokenAsync(http, at);
        var after = await StateAsync(http, at);
        (into.Held, into.LoadsInAll) = (after, after.Loads);
        if (after.Loads > before.Loads)
        {
            into.NotLoaded.Add(first);
            into.Loads.Add(after.LoadMs);
            into.Templates.Add(after.TemplateMs);
            into.Resident ??= server.ResidentBytes() - resident;
        }
        into.Loaded.Add(await FirstTokenAsync(http, at));
    }

    private static async Task<double> FirstTokenAsync(HttpClient http, int at)
    {
        var began = Stopwatch.GetTimestamp();
        var input = $"{began} " + string.Join(' ', Enumerable.Repeat("word", WordsAsked)); // nothing of it is cached
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses")
        {
            Content = new StringContent(JsonSerializer.Serialize(new
            {
                model = NameOf(at), input, store = false, stream = true, max_output_tokens = 16, temperature = 0,
            }), Encoding.UTF8, "application/json"),
        };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        double? first = null;
        while (await lines.ReadLineAsync() is { } line)
            if (line.StartsWith("event: response.output_item.added", StringComparison.Ordinal))
                first ??= Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return first ?? Stopwatch.GetElapsedTime(began).TotalMilliseconds; // it said nothing at all
    }

    private static async Task<Held> StateAsync(HttpClient http, int at)
    {
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri("/health", UriKind.Relative)));
        var model = health.RootElement.GetProperty("served_models")[at];
        var (seconds, memory) = (model.GetProperty("load_seconds"), model.GetProperty("memory"));
        var held = new Held(model.GetProperty("bytes").GetInt64(), model.GetProperty("loads").GetInt64(),
            seconds.ValueKind == JsonValueKind.Null ? 0 : seconds.GetDouble() * 1000);
        return memory.ValueKind == JsonValueKind.Null ? held : held with
        {
            Weights = memory.GetProperty("weights_bytes").GetInt64(), Cells = memory.GetProperty("cells_bytes").GetInt64(),
            Parked = memory.GetProperty("parked_bytes_max").GetInt64(),
            TemplateMs = model.GetProperty("template").GetProperty("learned_ms").GetDouble(),
        };
    }

    private static string NameOf(int at) => $"m{at.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What health says of a model.</summary>
    private sealed record Held(long Bytes, long Loads, double LoadMs)
    {
        public long Weights { get; init; }
        public long Cells { get; init; }
        public long Parked { get; init; }
        public double TemplateMs { get; init; }
    }

    private sealed class Measured
    {
        public List<double> Loads { get; } = [];
        public List<double> NotLoaded { get; } = [];
        public List<double> Loaded { get; } = [];
        public Held Held { get; set; } = new(0, 0, 0);
        public List<double> Templates { get; } = [];
        public long LoadsInAll { get; set; }
        public long? Resident { get; set; }

        public void Show(Table table, string file, string room) => table.Row(
            file, room, Figures.Show(Held.Weights / Mebibyte, 1), Figures.Show(Held.Cells / Mebibyte), Figures.Show(Held.Parked / Mebibyte),
            Figures.Show((Resident ?? 0) / Mebibyte), Figures.Show(Figures.Median(Loads)), Figures.Show(Figures.Median(Templates), 1),
            Figures.ShowAll(NotLoaded), Figures.Show(Figures.Median(Loaded)), Figures.Show(LoadsInAll));
    }
}
