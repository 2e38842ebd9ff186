using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Bench.Reports;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What a compaction costs and what it saves: a task of tool results that is compacted over HTTP on the engine, and the turn behind it.
/// </summary>
internal sealed record CompactionWorkload(string Model, int[] Rounds, int ResultBytes)
{
    private const string Tools = """
        "tools":[{"type":"function","name":"run","parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}}],
        "tool_choice":"none"
        """;

    public async Task RunAsync()
    {
        var table = new Table("rounds", "tokens before", "compaction ms", "of it cached tokens", "notes by", "seal bytes", "tokens behind",
            "computed behind", "turn behind ms");
        foreach (var rounds in Rounds) await MeasureAsync(rounds, table);
    }

    private async Task MeasureAsync(int rounds, Table table)
    {
        var requests = new RecordingRequestLog();
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = Model, ["Engine:ContextTokens"] = "32768", ["Engine:Streams"] = "2",
            ["Compaction:RecentBytesMax"] = "2048", // what stays as it is must be less than what there is
        }, services => services.AddSingleton<IRequestLog>(requests));
        server.Http.Timeout = Timeout.InfiniteTimeSpan;
        var first = await AskAsync(server, null, string.Join(',', Enumerable.Range(0, rounds).Select(Round).Prepend(
            """{"role":"user","content":"Find out which of the files names the port, and change it to 9000."}""")));
        var before = await requests.NextAsync();
        var compacted = await AskAsync(server, first.GetProperty("id").GetString(), """{"type":"compaction_trigger"}""");
        var compaction = await requests.NextAsync();
        await AskAsync(server, compacted.GetProperty("id").GetString(), """{"role":"user","content":"Go on."}""");
        var behind = await requests.NextAsync();
        var seal = compacted.GetProperty("output")[0].GetProperty("encrypted_content").GetString()!;
        table.Row(Figures.Show(rounds), Figures.Show(before.Usage.InputTokens), Figures.Show(compaction.Total.TotalMilliseconds),
            Figures.Show(compaction.Usage.CachedTokens), compaction.Compaction ?? "", Figures.Show(seal.Length),
            Figures.Show(behind.Usage.InputTokens), Figures.Show(behind.Usage.InputTokens - behind.Usage.CachedTokens),
            Figures.Show(behind.Total.TotalMilliseconds));
    }

    private string Round(int round)
    {
        var result = JsonSerializer.Serialize($"conf/file{round}.cfg\n" + Speech.OfLength(ResultBytes, round));
        return $$$"""
            {"type":"function_call","call_id":"c{{{round}}}","name":"run","arguments":"{\"cmd\":\"cat conf/file{{{round}}}.cfg\"}"},
            {"type":"function_call_output","call_id":"c{{{round}}}","output":{{{result}}}}
            """;
    }

    private static async Task<JsonElement> AskAsync(RunningServer server, string? previous, string input)
    {
        var parent = previous is null ? "" : $"\"previous_response_id\":\"{previous}\",";
        var body = $$"""{{{parent}}"model":"m","temperature":0,"max_output_tokens":32,{{Tools}},"input":[{{input}}]}""";
        using var reply = await server.Http.PostAsync("/v1/responses", new StringContent(body, Encoding.UTF8, "application/json"));
        var answer = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;
        return reply.IsSuccessStatusCode ? answer : throw new InvalidOperationException(answer.ToString());
    }
}
