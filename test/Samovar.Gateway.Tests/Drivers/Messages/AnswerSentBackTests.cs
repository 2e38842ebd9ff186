using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Whatever an upstream of the Messages API says reaches its client as it is, and reaches the upstream again when the client
/// sends it back, known here or not.</summary>
public sealed class AnswerSentBackTests
{
    private const string Listing = """{"type":"mcp_tool_listing","mcp_server_name":"s","tools":[{"name":"a","more":[1,null]}]}""";
    private const string Later = """{"type":"later","text":{"b":"\"x"},"content":[{"type":"audio"}]}""";
    private const string Found = """{"type":"tool_result","tool_use_id":"srv_1","content":"found"}""";
    private const string Call = """{"type":"tool_use","id":"toolu_9","name":"f","input":{"a":1},""" +
        """ "caller":{"type":"code_execution_20250825","tool_id":"srvtoolu_1"},"toolset_name":"browser"}""";
    private const string End = """{"container":{"id":"c_1"},"stop_details":{"type":"refusal","category":"bio","explanation":"No."}}""";

    [Theory]
    [InlineData("messages", Listing)]
    [InlineData("messages", Later)]
    [InlineData("messages", Found)]
    [InlineData("messages", Call)]
    [InlineData("responses-http", Listing)]
    [InlineData("responses-http", Call)]
    public async Task Block_GoesOutAndComesBack_AsItWas(string kind, string said)
    {
        var block = said.Replace(", \"", ",\"", StringComparison.Ordinal);
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = Answer(block, "tool_use", "");
        await using var behind = await RunningServer.StartAsync(null, Pool("messages", null, upstream.BaseUrl));
        await using var before = kind == "messages" ? null
            : await RunningServer.StartAsync(null, Pool(kind, "samovar", behind.Address + "v1"));
        var server = before ?? behind;
        var whole = (await PostAsync(server, Messages("go"))).GetProperty("content").EnumerateArray().Select(each => each.GetRawText());
        var streamed = await StreamedAsync(server, Messages("go"));
        Assert.Equal([block, """{"type":"text","text":"ok"}"""], whole);
        Assert.Equal(block, Assert.Single(streamed, one => !one.Contains("\"text\",", StringComparison.Ordinal)));

        foreach (var first in new[] { "go", "another conversation" })
        {
            await PostAsync(server, Messages(first, $$"""{"role":"assistant","content":[{{string.Join(',', whole)}}]}""",
                $$"""{"role":"user","content":[{{Reply(block)}}]}"""));
            var sent = upstream.Requests.Last().Json.GetProperty("messages")[1].GetProperty("content");
            Assert.Equal(whole, sent.EnumerateArray().Select(each => each.GetRawText()));
        }
    }

    /// <summary>Some servers of this API refuse fields that they do not know, and this one only says what goes without saying.</summary>
    [Fact]
    public async Task CallerThatIsTheModel_IsSeen_AndNotSentBack()
    {
        const string plain = """{"type":"tool_use","id":"toolu_9","name":"f","input":{"a":1}""";
        const string block = plain + ",\"caller\":{\"type\":\"direct\"}}";
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = Answer(block, "tool_use", "");
        await using var server = await RunningServer.StartAsync(null, Pool("messages", null, upstream.BaseUrl));
        Assert.Equal(block, (await PostAsync(server, Messages("go"))).GetProperty("content")[0].GetRawText());
        await PostAsync(server, Messages("go", $$"""{"role":"assistant","content":[{{block}}]}""",
            $$"""{"role":"user","content":[{{Reply(block)}}]}"""));
        Assert.Equal(plain + "}", upstream.Requests.Last().Json.GetProperty("messages")[1].GetProperty("content")[0].GetRawText());
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("responses-http")]
    public async Task WhatIsSaidOfTheEnd_ReachesTheClient(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = Answer(Later, "refusal", "," + End[1..^1]);
        await using var behind = await RunningServer.StartAsync(null, Pool("messages", null, upstream.BaseUrl));
        await using var before = kind == "messages" ? null
            : await RunningServer.StartAsync(null, Pool(kind, "samovar", behind.Address + "v1"));
        var server = before ?? behind;
        var whole = await PostAsync(server, Messages("go"));
        var streamed = (await EventsAsync(server, Messages("go"))).Single(e => Type(e) == "message_delta").GetProperty("delta");
        using var expected = JsonDocument.Parse(End);
        foreach (var answer in new[] { whole, streamed })
        {
            Assert.Equal("refusal", answer.GetProperty("stop_reason").GetString());
            foreach (var field in expected.RootElement.EnumerateObject())
                Assert.Equal(field.Value.GetRawText(), answer.GetProperty(field.Name).GetRawText());
        }
    }

    private static string Reply(string block) => block.Contains("tool_use\"", StringComparison.Ordinal)
        ? """{"type":"tool_result","tool_use_id":"toolu_9","content":"1"}""" : """{"type":"text","text":"and?"}""";

    private static RawAnswer Answer(string block, string reason, string end) => new([.. new[]
    {
        """{"type":"message_start","message":{"id":"m","model":"fake-model","usage":{"input_tokens":3,"output_tokens":1}}}""",
        $$"""{"type":"content_block_start","index":0,"content_block":{{block}}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"ok"}}""",
        """{"type":"content_block_stop","index":1}""",
        $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}"{{{end}}} },"usage":{"output_tokens":5}}""",
        """{"type":"message_stop"}""",
    }.Select(e => $"data: {e}\n\n")]);

    private static string Messages(string first, params string[] more) =>
        """{"model":"n","max_tokens":99,"tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":["""
        + string.Join(',', more.Prepend($$"""{"role":"user","content":"{{first}}"}""")) + "]}";

    private static Dictionary<string, string?> Pool(string kind, string? dialect, string address) => new()
    {
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = "a",
        ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
        ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = address,
        ["Upstream:Pools:0:Destinations:0:Models:0"] = dialect is null ? "n=fake-model" : "n=n",
    };

    /// <summary>The blocks as a client puts them together.</summary>
    private static async Task<List<string>> StreamedAsync(RunningServer server, string json)
    {
        var blocks = new List<string>();
        foreach (var e in await EventsAsync(server, json))
        {
            if (Type(e) == "content_block_start") blocks.Add(e.GetProperty("content_block").GetRawText());
            if (Type(e) == "content_block_delta" && e.GetProperty("delta").TryGetProperty("partial_json", out var input))
                blocks[^1] = blocks[^1].Replace("\"input\":{}", "\"input\":" + input.GetString(), StringComparison.Ordinal);
        }
        return blocks;
    }

    private static async Task<List<JsonElement>> EventsAsync(RunningServer server, string json) =>
        [.. (await TextAsync(server, json[..^1] + ",\"stream\":true}")).Split('\n')
            .Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];

    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();

    private static async Task<JsonElement> PostAsync(RunningServer server, string json) =>
        JsonDocument.Parse(await TextAsync(server, json)).RootElement;

    private static async Task<string> TextAsync(RunningServer server, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync("/v1/messages", content);
        var body = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, body);
        return body;
    }
}
