using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;
using Samovar.Tests.Meaning;

namespace Samovar.Tests.Compaction;

/// <summary>Compactions on the engine itself: the summary uses what is warm, and what comes behind computes the new head alone.</summary>
public sealed class EngineCompactionTests : IAsyncLifetime
{
    private const int Lag = 1; // the newest token of a response is never computed in it
    private const int Behind = 16; // tokens of a template behind its system text
    private const int QuestionMax = 400; // tokens of what a summary is asked with
    private readonly RecordingRequestLog _requests = new();
    private RunningServer _server = null!;

    public static TheoryData<string> Models => [RandomPath, PocketServer.ModelPath];

    private static string RandomPath =>
        RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.Q8);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Compaction_ReadsWhatIsWarm_AndTheNextTurnComputesTheNewHeadAlone(string model)
    {
        _server = await StartAsync(model);
        var input = "\"instructions\":\"" + Sentence("You keep the shop's books and answer in few words. ", 30) + "\",";
        string? previous = null;
        for (var turn = 0; turn < 4; turn++)
            previous = (await AskAsync(input, previous, Said($"Shelf {turn} has jars. ", 40))).Text("id");
        var before = _requests.Records[^1].Usage;
        var compacted = await AskAsync(input, previous, TalkingServer.Trigger);
        var summary = _requests.Records[^1];
        Assert.NotNull(summary.Compaction);
        Assert.InRange(summary.Usage.CachedTokens, before.InputTokens + before.OutputTokens - Lag - 8, summary.Usage.InputTokens);
        Assert.InRange(summary.Usage.InputTokens - summary.Usage.CachedTokens, 1, QuestionMax);

        var behind = await AskAsync(input, compacted.Text("id"), """{"role":"user","content":"Which shelf?"}""");
        var head = _requests.Records[^1].Usage;
        Assert.Equal("context_compacted", _requests.Records[^1].MissCause);
        Assert.InRange(head.InputTokens, 1, before.InputTokens - 1);
        var shared = await CountAsync(input); // the instructions are still warm
        Assert.InRange(head.CachedTokens, shared, head.InputTokens);
        await AskAsync(input, behind.Text("id"), """{"role":"user","content":"And now?"}""");
        var last = _requests.Records[^1].Usage;
        Assert.InRange(last.CachedTokens, head.InputTokens + head.OutputTokens - Lag - 2, last.InputTokens);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"short"}""")]
    [InlineData("""{"role":"user","content":"x"},{"role":"assistant","content":"LONG"},{"role":"user","content":"y"}""")]
    public async Task CompactionOfSomebodyElse_IsNotCompactedOnceMore(string behind)
    {
        _server = await StartAsync(RandomPath);
        behind = behind.Replace("LONG", Sentence("There are jars. ", 200), StringComparison.Ordinal);
        var (status, refused) = await _server.PostAsync(TalkingServer.Body(
            $$"""{"type":"compaction","encrypted_content":"gAAAAABforeign"},{{behind}},{{TalkingServer.Trigger}}"""));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, status);
        Assert.Equal(("invalid_encrypted_content", "input[0].encrypted_content"),
            (refused.GetProperty("error").Text("code"), refused.GetProperty("error").Text("param")));
    }

    /// <summary>The same greedy words behind a window, whether its state is warm or the server has never seen it.</summary>
    [Fact]
    public async Task Window_IsAnsweredTheSame_WarmAndCold()
    {
        _server = await StartAsync(RandomPath);
        var first = await AskAsync("", null, Said("Shelf one has jars. ", 80));
        var compacted = await AskAsync("", first.Text("id"), TalkingServer.Trigger);
        var seal = compacted.GetProperty("output")[0].GetRawText();
        var warm = await AskAsync("", compacted.Text("id"), """{"role":"user","content":"Which?"}""");
        var (_, cold) = await _server.PostAsync($$"""
            {"model":"m","input":[{{seal}},{"role":"user","content":"Which?"}],"temperature":0,"max_output_tokens":16,"store":false,
             "prompt_cache_key":"other"}
            """);
        Assert.Equal(warm.GetProperty("output")[0].GetProperty("content").GetRawText(),
            cold.GetProperty("output")[0].GetProperty("content").GetRawText());
        Assert.Equal(warm.GetProperty("usage").GetProperty("input_tokens").GetInt32(),
            cold.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    private async Task<int> CountAsync(string input)
    {
        var (_, counted) = await _server.PostAsync($$"""{{{input}}"model":"m","input":"x"}""", "/v1/responses/input_tokens");
        return counted.GetProperty("input_tokens").GetInt32() - Behind;
    }

    private async Task<JsonElement> AskAsync(string fields, string? previous, string item)
    {
        var parent = previous is null ? "" : $"\"previous_response_id\":\"{previous}\",";
        var (_, body) = await _server.PostAsync(
            $$"""{{{fields}}{{parent}}"model":"m","store":true,"temperature":0,"max_output_tokens":16,"input":[{{item}}]}""");
        await _requests.NextAsync();
        return body;
    }

    private static string Said(string text, int times) => $$"""{"role":"user","content":"{{Sentence(text, times)}}"}""";

    private static string Sentence(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private Task<RunningServer> StartAsync(string model) => RunningServer.StartAsync(null, new Dictionary<string, string?>
    {
        ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2", ["Engine:Threads"] = "2",
        ["Engine:BatchTokens"] = "48", // the same sums, warm and cold
        ["Compaction:RecentBytesMax"] = "64", ["Compaction:UserBytesMax"] = "1500",
        ["Compaction:SummaryTokensMax"] = 64.ToString(CultureInfo.InvariantCulture), ["Compaction:NotesBytesMax"] = "512",
    }, services => services.AddSingleton<IRequestLog>(_requests));
}
