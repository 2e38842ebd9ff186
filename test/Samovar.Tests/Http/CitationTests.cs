using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Http;

/// <summary>What an answer cites, as clients of each protocol see it, and what goes back to the upstream when they go on.</summary>
public sealed class CitationTests
{
    private const string Web = """{"type":"web_search_result_location","cited_text":"so \u00e9", "url":"https://x.example","title":"X","""
        + """ "encrypted_index":"Eo8B"}""";
    private const string Document = """{"type":"page_location","cited_text":"it","document_index":0,"document_title":"Doc"}""";
    private const string Page = """{"type":"url_citation","url_citation":{"start_index":2,"end_index":5,"url":"https://y","title":"Y"}}""";
    private const string Ask = """{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"go"}]}""";

    private static readonly string[] Cited =
    [
        """{"type":"message_start","message":{"id":"msg_1","model":"fake-model","usage":{"input_tokens":3,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":""" + Web + "}}",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":""" + Document + "}}",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}""",
        """{"type":"message_stop"}""",
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task MessagesClient_GetsThem_ByteForByte(string? through)
    {
        await using var upstream = await CitingAsync();
        await using var first = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        await using var second = through is null ? null : await RunningServer.StartAsync(null, Behind(first, through));
        var server = second ?? first;

        var whole = await PostAsync(server, "messages", Ask);
        Assert.Contains($$"""[{"type":"text","text":"Hello","citations":[{{Web}},{{Document}}]}]""", whole, StringComparison.Ordinal);

        var events = Events(await PostAsync(server, "messages", Ask[..^1] + ",\"stream\":true}"));
        Assert.Equal(
            ["text_delta", $$"""{"type":"citations_delta","citation":{{Web}}}""",
                $$"""{"type":"citations_delta","citation":{{Document}}}"""],
            events.Where(e => e.Contains("content_block_delta", StringComparison.Ordinal)).Select(e => JsonDocument.Parse(e).RootElement
                .GetProperty("delta")).Select(delta => delta.TryGetProperty("text", out _) ? "text_delta" : delta.GetRawText()));
        Assert.Contains(events, e => e.Contains("\"content_block\":{\"type\":\"text\",\"text\":\"\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResentHistory_GoesOn_AndTheUpstreamGetsThemBack()
    {
        await using var upstream = await CitingAsync();
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        var answer = JsonDocument.Parse(await PostAsync(server, "messages", Ask)).RootElement.GetProperty("content").GetRawText();
        var next = """{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":""" + answer
            + """},{"role":"user","content":"on"}]}""";
        await PostAsync(server, "messages", next);
        Assert.Contains($$"""{"type":"text","text":"Hello","citations":[{{Web}},{{Document}}]}""", upstream.Requests.Last().Text,
            StringComparison.Ordinal);
        var metrics = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("=\"content\"}", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResponsesClient_GetsAnnotations()
    {
        await using var upstream = await CitingAsync();
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        const string url = """{"type":"url_citation","start_index":0,"end_index":5,"url":"https://x.example","title":"X","""
            + "\"messages_citation\":",
            file = """{"type":"file_citation","file_id":"","filename":"Doc","index":5,"messages_citation":""";
        var annotations = $$"""[{{url}}{{Web}}},{{file}}{{Document}}}]""";
        var response = await PostAsync(server, "responses", """{"model":"m","input":"go"}""");
        Assert.Contains($"\"annotations\":{annotations}", response, StringComparison.Ordinal);
        var events = Events(await PostAsync(server, "responses", """{"model":"m","input":"go","stream":true}"""));
        Assert.Equal(2, events.Count(e => e.Contains("\"type\":\"response.output_text.annotation.added\"", StringComparison.Ordinal)));
        foreach (var kind in (string[])["response.content_part.done", "response.output_item.done", "response.completed"])
            Assert.Contains($"\"annotations\":{annotations}", events.Single(e => e.Contains($"\"type\":\"{kind}\"",
                StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChatClient_GetsPages_WithoutTheProvidersOwnWords()
    {
        await using var upstream = await CitingAsync();
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        const string pages = """
            "annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":5,"url":"https://x.example","title":"X"}}]
            """;
        await CheckChatAsync(server, pages);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData(null)]
    public async Task ChatClient_GetsPagesOfAChatUpstream(string? through)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = RawAnswer.Of("""{"choices":[{"index":0,"delta":{"content":"Hello"}}]}""",
            """{"choices":[{"index":0,"delta":{"annotations":[""" + Page + """]},"finish_reason":"stop"}]}""");
        await using var first = await RunningServer.StartAsync(null, upstream.Settings("chat"));
        await using var second = through is null ? null : await RunningServer.StartAsync(null, Behind(first, through));
        await CheckChatAsync(second ?? first, $"\"annotations\":[{Page}]");
        Assert.Contains("""{"type":"url_citation","start_index":2,"end_index":5,"url":"https://y","title":"Y"}""",
            await PostAsync(first, "responses", """{"model":"m","input":"go"}"""), StringComparison.Ordinal);
        Assert.DoesNotContain("citations", await PostAsync(first, "messages", Ask), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswersWithout_HaveNoSuchField()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        foreach (var path in (string[])["messages", "chat/completions"])
        {
            Assert.DoesNotContain("citation", await PostAsync(server, path, Ask), StringComparison.Ordinal);
            Assert.DoesNotContain("annotation", await PostAsync(server, path, Ask[..^1] + ",\"stream\":true}"), StringComparison.Ordinal);
        }
    }

    private static async Task CheckChatAsync(RunningServer server, string annotations)
    {
        Assert.Contains("\"content\":\"Hello\",\"refusal\":null," + annotations.Trim(),
            await PostAsync(server, "chat/completions", Ask), StringComparison.Ordinal);
        var chunks = Events(await PostAsync(server, "chat/completions", Ask[..^1] + ",\"stream\":true}"));
        Assert.Single(chunks, chunk => chunk.Contains("\"delta\":{" + annotations.Trim() + "}", StringComparison.Ordinal));
    }

    private static async Task<FakeUpstream> CitingAsync()
    {
        var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([.. Cited.Select(e => $"data: {e}\n\n")]);
        return upstream;
    }

    private static Dictionary<string, string?> Behind(RunningServer server, string kind) => new()
    {
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = "b",
        ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
        ["Upstream:Pools:0:Destinations:0:Dialect"] = kind == "chat" ? null : "samovar",
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = $"{server.Address}v1",
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "m",
    };

    private static List<string> Events(string stream) => [.. stream.Split('\n')
        .Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line["data: ".Length..])];

    private static async Task<string> PostAsync(RunningServer server, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync(new Uri($"/v1/{path}", UriKind.Relative), content,
            TestContext.Current.CancellationToken);
        var body = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(reply.IsSuccessStatusCode, body);
        return body;
    }
}
