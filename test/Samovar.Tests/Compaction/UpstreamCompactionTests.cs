using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Accounting;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Compaction;

/// <summary>Conversations of upstreams: compacted by those that can, here by a summary of their own model for the others.</summary>
public sealed class UpstreamCompactionTests
{
    private readonly RecordingRequestLog _requests = new();
    private RequestRecord? _last;

    [Theory]
    [InlineData("chat", "vllm")]
    [InlineData("messages", null)]
    [InlineData("responses-http", "vllm")]
    [InlineData("responses-ws", "vllm")]
    [InlineData("responses-http", null)] // taken for one that compacts, until it says that it does not know what is asked
    [InlineData("responses-ws", null)]
    public async Task UpstreamThatCannot_WritesTheNotes_AndGoesOnFromTheWindow(string kind, string? dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, kind, dialect);
        var (_, first) = await PostAsync(server, TalkingServer.Body(TalkingServer.Basket, "\"store\":true," + Tools));
        var (status, compacted) = await PostAsync(server,
            TalkingServer.Body(TalkingServer.Trigger, $"\"previous_response_id\":\"{first.Text("id")}\",\"store\":true,{Tools}"));
        Assert.Equal(HttpStatusCode.OK, status);
        var item = Assert.Single(compacted.GetProperty("output").EnumerateArray());
        Assert.Equal("compaction", item.Type());
        Assert.Equal("model", _last!.Compaction);
        var asked = upstream.Requests.Last();
        Assert.DoesNotContain("compaction_trigger", asked.Text, StringComparison.Ordinal);
        Assert.Contains(FakeMind.AsksForNotes, asked.Text, StringComparison.Ordinal);
        Assert.Contains("none", asked.Json.GetProperty("tool_choice").GetRawText(), StringComparison.Ordinal);

        // by its id, and as the client's own window
        var (byId, _) = await PostAsync(server, TalkingServer.Body("""{"role":"user","content":"And the pears?"}""",
            $"\"previous_response_id\":\"{compacted.Text("id")}\",\"store\":true,{Tools}"));
        AssertSent(byId, upstream.Requests.Last());
        var (asWindow, next) = await PostAsync(server, TalkingServer.Body(
            $$"""{{TalkingServer.Question}},{{item.GetRawText()}},{"role":"user","content":"And the pears?"}""",
            "\"store\":true," + Tools));
        AssertSent(asWindow, upstream.Requests.Last());
        var (later, _) = await PostAsync(server, TalkingServer.Body("""{"role":"user","content":"And plums?"}""",
            $"\"previous_response_id\":\"{next.Text("id")}\",\"store\":true,{Tools}"));
        Assert.Equal(HttpStatusCode.OK, later);
        Assert.DoesNotContain("apple apple", upstream.Requests.Last().Text, StringComparison.Ordinal);
        if (kind.StartsWith("responses", StringComparison.Ordinal) && dialect is null)
            Assert.Single(upstream.Requests, // it was asked once
                request => request.Text.Contains("compaction_trigger", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("responses-http", "auto")]
    [InlineData("responses-ws", "auto")]
    [InlineData("responses-ws", "upstream")]
    public async Task UpstreamThatCan_GetsTheTrigger_AndItsItemComesThroughAsItIs(string kind, string policy)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Compacts = true;
        await using var server = await StartAsync(upstream, kind, policy == "upstream" ? "vllm" : null, policy);
        var (_, compacted) = await PostAsync(server, TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        var item = Assert.Single(compacted.GetProperty("output").EnumerateArray());
        Assert.StartsWith("sealed by a ", item.Text("encrypted_content"), StringComparison.Ordinal);
        Assert.Equal("upstream", _last!.Compaction);
        var sent = upstream.Requests.Last().Json.GetProperty("input").EnumerateArray().Last();
        Assert.Equal("compaction_trigger", sent.Type());
        var (status, _) = await PostAsync(server, TalkingServer.Body(
            $$"""{{TalkingServer.Question}},{{item.GetRawText()}},{"role":"user","content":"more"}"""));
        Assert.Equal(HttpStatusCode.OK, status);

        var (_, window) = await PostAsync(server, $$"""{"model":"m","input":[{{TalkingServer.Basket}}]}""", "/v1/responses/compact");
        Assert.Equal(["message", "compaction"], window.GetProperty("output").EnumerateArray().Select(TalkingServer.Type));
    }

    [Theory]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task UpstreamThatAnswersAsIfItHadNotBeenAsked_IsNotBelieved(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Compacts = false;
        await using var server = await StartAsync(upstream, kind, null);
        var (_, compacted) = await PostAsync(server, TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        Assert.Equal("compaction", Assert.Single(compacted.GetProperty("output").EnumerateArray()).Type());
        Assert.Equal("model", _last!.Compaction);
        Assert.Equal(10, compacted.GetProperty("usage").GetProperty("output_tokens").GetInt32()); // of both its answers
    }

    [Theory]
    [InlineData("chat", "/v1/responses")]
    [InlineData("messages", "/v1/responses")]
    [InlineData("chat", "/v1/responses/compact")]
    [InlineData("chat", "rule")]
    public async Task CompactionOfSomebodyElse_IsNotCompactedOnceMore_WhereNobodyCanOpenIt(string kind, string path)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, kind, null);
        var input = $$"""{"type":"compaction","encrypted_content":"gAAAAABforeign"},{{TalkingServer.Basket}}""";
        var more = path == "rule" ? "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":1000}]" : "\"store\":true";
        if (path == "/v1/responses") input += "," + TalkingServer.Trigger;
        if (path == "rule") input += """,{"role":"user","content":"And the pears?"}""";
        var (status, refused) = await PostAsync(server, TalkingServer.Body(input, more), path == "rule" ? "/v1/responses" : path);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(("invalid_encrypted_content", "input[0].encrypted_content"),
            (refused.GetProperty("error").Text("code"), refused.GetProperty("error").Text("param")));
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task CompactionThatItsUpstreamCannotOpen_IsRefusedAsItSays_AndNotCompactedAway(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Compacts = true;
        upstream.Responses.Seals = "compaction"; // it opens its own alone
        await using var server = await StartAsync(upstream, kind, null);
        var (status, refused) = await PostAsync(server, TalkingServer.Body(
            $$"""{"type":"compaction","encrypted_content":"gAAAAABforeign"},{{TalkingServer.Basket}},{{TalkingServer.Trigger}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_encrypted_content", refused.GetProperty("error").Text("code"));
        await PostAsync(server, TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        Assert.Equal("upstream", _last!.Compaction); // that one refusal said nothing of others
    }

    [Fact]
    public async Task PoolThatShallNot_IsNeverAsked_AndUpstreamThatIsGoneFailsNoCompaction()
    {
        var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Compacts = true;
        await using var server = await StartAsync(upstream, "responses-http", null, "samovar");
        await PostAsync(server, TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        Assert.Equal("model", _last!.Compaction);
        await upstream.DisposeAsync();
        var (status, compacted) = await PostAsync(server, TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("compaction", Assert.Single(compacted.GetProperty("output").EnumerateArray()).Type());
        Assert.StartsWith("extract:", _last!.Compaction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task LargeConversation_IsCompactedInsideItsResponse(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, kind, kind == "messages" ? null : "vllm");
        var (_, answered) = await PostAsync(server, TalkingServer.Body(
            TalkingServer.Basket + """,{"role":"user","content":"And the pears?"}""",
            "\"store\":true,\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":2000}]"));
        Assert.Equal(["compaction", "message"], answered.GetProperty("output").EnumerateArray().Select(TalkingServer.Type));
        AssertSent(HttpStatusCode.OK, upstream.Requests.Last());
        Assert.DoesNotContain(upstream.Requests, request => request.Text.Contains("context_management", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("responses-http", true)]
    [InlineData("responses-http", false)]
    [InlineData("responses-ws", false)]
    public async Task Rule_GoesToUpstreamsThatCompact_AndIsDoneHereWhereOneSaysThatItCannot(string kind, bool isKnown)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Compacts = isKnown ? true : null;
        await using var server = await StartAsync(upstream, kind, null);
        for (var turn = 0; turn < 2; turn++)
        {
            var (status, answered) = await PostAsync(server, TalkingServer.Body(
                TalkingServer.Basket + """,{"role":"user","content":"And the pears?"}""",
                "\"store\":true,\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":2000}]"));
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(isKnown ? ["message"] : ["compaction", "message"],
                answered.GetProperty("output").EnumerateArray().Select(TalkingServer.Type));
        }
        Assert.Equal(isKnown ? 2 : 1,
            upstream.Requests.Count(static request => request.Text.Contains(
                "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":2000}]", StringComparison.Ordinal)));
    }

    private const string Tools = """ "tools":[{"type":"function","name":"exec","parameters":{"type":"object","properties":{}}}] """;

    private static void AssertSent(HttpStatusCode status, FakeRequest sent)
    {
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(FakeMind.Notes, sent.Text, StringComparison.Ordinal);
        Assert.Contains("And the pears?", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("apple apple", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("encrypted_content", sent.Text, StringComparison.Ordinal);
        Assert.Equal(1, sent.Text.Split("count the apples in basket.txt and then").Length - 1);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        RunningServer server, string body, string path = "/v1/responses")
    {
        var answer = await server.PostAsync(body, path);
        _last = await _requests.NextAsync();
        return answer;
    }

    private Task<RunningServer> StartAsync(FakeUpstream upstream, string kind, string? dialect, string policy = "auto")
    {
        var settings = upstream.Settings(kind);
        settings["Upstream:Pools:0:Compaction"] = policy;
        settings["Compaction:RecentBytesMax"] = "64";
        if (dialect is not null) settings["Upstream:Pools:0:Destinations:0:Dialect"] = dialect;
        return RunningServer.StartAsync(null, settings, services => services.AddSingleton<IRequestLog>(_requests));
    }
}
