using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Cli.Traces;
using Samovar.Protocol.Responses;
using Samovar.Testing.Servers;
using Samovar.Tests.Backends.Embedded;

namespace Samovar.Tests.Monitoring;

/// <summary>What a server says of why a turn was warm or cold, and how <c>samovar why</c> shows it.</summary>
public sealed class WhyTests : IDisposable
{
    private const string Tenants = """{"tenants":{"alice":["sk-a"],"bob":["sk-b"],"ops":["sk-op"]},"operators":["ops"]}""";
    private static readonly string Words = string.Join(' ', Enumerable.Range(0, 60));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-why");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Command_TellsAPerson_WhereItLeftAndWhatItCost()
    {
        await using var server = await StartAsync();
        var (first, next) = await TwoAsync(server, store: true);
        var (status, text) = await CommandAsync(server, "sk-a", next);
        Assert.Equal(0, status);
        var lines = text.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal($"{next}  completed  after {first}", lines[0]);
        Assert.Matches(@"^[\d,]+ tokens of prompt: [\d,]+ cached, [\d,]+ computed\. [\d,]+ of these had been computed before\.$", lines[1]);
        Assert.Matches(@"^  cells +\d+ +-$", lines[3]);
        Assert.Matches(@"^  computed +\d+ +(-|[\d.]+ ms)$", lines[4]);
        Assert.Equal("Miss: instructions_changed: the instructions are others.", lines[6]);
        Assert.Equal($"It leaves what was cached at instructions, character {Words.Length}:", lines[7]);
        Assert.Equal("  before  \"a\"", lines[8]);
        Assert.Equal("  now     \"b\"", lines[9]);
        Assert.StartsWith("The whole conversation was rendered: settings_changed: ", lines[10], StringComparison.Ordinal);

        var (warm, said) = await CommandAsync(server, "sk-a", first);
        Assert.Equal(0, warm);
        Assert.Contains("No miss: all that the chain had was used.", said, StringComparison.Ordinal);
        Assert.Contains("rendered: no_parent: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_AreItsTenantsAlone_AndOnlyOfWhatIsStored()
    {
        await using var server = await StartAsync();
        var (_, stored) = await TwoAsync(server, store: true);
        var own = await WhyAsync(server, "sk-a", stored);
        Assert.Equal("b", own.GetProperty("cache").GetProperty("left_at").GetProperty("now").GetString());
        var seen = await WhyAsync(server, "sk-op", stored);
        Assert.Equal("instructions", seen.GetProperty("cache").GetProperty("left_at").GetProperty("item").GetString());
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("cache").GetProperty("left_at").GetProperty("now").ValueKind);
        Assert.DoesNotContain("alice", seen.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnothersResponse_IsAnUnknownOne()
    {
        await using var server = await StartAsync();
        var (_, id) = await TwoAsync(server, store: true);
        var answers = new List<string>();
        foreach (var (key, name) in new[] { ("sk-b", id), ("sk-b", "resp_unknown") })
        {
            using var answer = await GetAsync(server, key, name);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            answers.Add((await answer.Content.ReadAsStringAsync(Cancelled)).Replace(name, "", StringComparison.Ordinal));
        }
        Assert.Equal(answers[0], answers[1]);
        var (status, error) = await CommandAsync(server, "sk-b", id);
        Assert.Equal(1, status);
        Assert.Contains("Tracing:KeptMax", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_SaysWhatWasGivenUpAndWhen_AndWhatOthersDoNotSay()
    {
        var lines = WhyText.Lines(new WhyAnswer
        {
            ResponseId = "resp_2", Outcome = "completed", Miss = MissReasons.Evicted,
            Cache = new WhyCache
            {
                PromptTokens = 12_889, CachedTokens = 12_000, RecomputedTokens = 820, Rendered = "continued",
                Tiers = [new WhyTier("host_memory", 12_000, 1.2), new WhyTier("computed", 889, 2345.6)],
                Evicted = new WhyEviction(new DateTimeOffset(2026, 11, 29, 1, 2, 3, TimeSpan.Zero), "host_memory", "Engine:ParkedBytesMax"),
            },
        });
        Assert.Equal(
            [
                "resp_2  completed",
                "12,889 tokens of prompt: 12,000 cached, 889 computed. 820 of these had been computed before.",
                "",
                "  host memory        12,000      1.20 ms",
                "  computed              889  2,345.60 ms",
                "",
                "Miss: state_evicted: the same tokens, but their state was given up for other work.",
                "Given up for other work at 2026-11-29 01:02:03 UTC, from host memory (Engine:ParkedBytesMax was reached).",
                "Only what is new was rendered.",
            ], lines);
        string Of(WhyTakeover taken) => WhyText.Lines(new WhyAnswer { Outcome = "completed", TakenOver = taken }).ElementAt(1);
        Assert.Equal("Its conversation was taken over from another node: that one is dead.", Of(new("dead", null, null)));
        Assert.Equal(
            "Its conversation was taken over from node a, under epoch 3: that one had let go of it.", Of(new("let_go", "a", 3)));
        var upstream = WhyText.Lines(new WhyAnswer { Outcome = "completed", InputTokens = 5 });
        Assert.Contains("no more than that", upstream.Last(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<RunningServer> StartAsync()
    {
        var keys = Path.Combine(_folder.FullName, "keys.json");
        await File.WriteAllTextAsync(keys, Tenants, Cancelled);
        return await RunningServer.StartAsync(
            new Talk(Families.ChatMl).Says("one").Backend, new Dictionary<string, string?> { ["Auth:KeyFile"] = keys });
    }

    /// <summary>A turn, and one behind it with other instructions.</summary>
    private static async Task<(string First, string Next)> TwoAsync(RunningServer server, bool store)
    {
        var first = await AskAsync(server, new { model = "fake", input = Words, store, instructions = Words + "a" });
        return (first, await AskAsync(
            server, new { model = "fake", input = "more", store, instructions = Words + "b", previous_response_id = first }));
    }

    private static async Task<string> AskAsync(RunningServer server, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-a");
        using var answer = await server.Http.SendAsync(request, Cancelled);
        answer.EnsureSuccessStatusCode();
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("id").GetString()!;
        while ((await WhyAsync(server, "sk-a", id)).GetProperty("outcome").ValueKind == JsonValueKind.Null) await Task.Yield();
        return id;
    }

    private static async Task<JsonElement> WhyAsync(RunningServer server, string key, string id)
    {
        using var answer = await GetAsync(server, key, id);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    private static async Task<HttpResponseMessage> GetAsync(RunningServer server, string key, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/samovar/why/{id}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await server.Http.SendAsync(request, Cancelled);
    }

    private static async Task<(int Status, string Text)> CommandAsync(RunningServer server, string key, string id)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        using var client = new TraceClient(server.Address, key);
        var status = await WhyCommand.RunAsync(client, id, isJson: false, output, error, Cancelled);
        return (status, status == 0 ? output.ToString() : error.ToString());
    }
}
