using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary><c>web_search</c>, answered by a tool that the operator has named.</summary>
public sealed class WebSearchTests
{
    private static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Tools:SearchServer"] = "demo", ["Tools:SearchTool"] = "find", ["Tools:SearchArgument"] = "text",
    };

    [Theory]
    [InlineData("web_search")]
    [InlineData("web_search_2025_08_26")]
    [InlineData("web_search_preview")]
    public async Task Search_GoesToTheToolThatIsConfigured(string type)
    {
        var backend = new CallingBackend(Says.Call(null, "web_search", """{"query":"samovars"}"""), Says.Words("Found."));
        await using var house = await ToolHouse.StartAsync(
            backend, [FakeTool.Saying("find", "See https://a.example/one, and (https://b.example/two).")], Settings);
        var events = await house.StreamAsync(house.Body(
            "\"x\"", $$"""{"type":"{{type}}"}""", "\"include\":[\"web_search_call.action.sources\"]"));
        Assert.Equal(
            ["response.web_search_call.in_progress", "response.web_search_call.searching", "response.web_search_call.completed"],
            events.Select(static e => e.Str("type")!).Where(static name => name.Contains("web_search", StringComparison.Ordinal)));
        var response = events[^1].GetProperty("response");
        Assert.Equal(["web_search_call", "message"], response.Types());
        var call = response.Item("web_search_call");
        Assert.Equal(("completed", "search", "samovars"),
            (call.Str("status"), call.GetProperty("action").Str("type"), call.GetProperty("action").Str("query")));
        Assert.Equal(["https://a.example/one", "https://b.example/two"],
            call.GetProperty("action").GetProperty("sources").EnumerateArray().Select(static source => source.Str("url")!));
        Assert.Equal(["""find {"text":"samovars"}"""], house.Tools.Calls);
        Assert.Equal("output See https://a.example/one, and (https://b.example/two).", CallingBackend.Lines(backend.Asked.Last()).Last());

        backend.Then(Says.Words("Still."));
        await house.AskAsync(house.Body("\"y\"", $$"""{"type":"{{type}}"}""", $"\"previous_response_id\":\"{response.Id()}\""));
        Assert.Equal(
            ["User: x", """call /web_search {"query":"samovars"}""", "output See https://a.example/one, and (https://b.example/two).",
                "Assistant: Found.", "User: y"], CallingBackend.Lines(backend.Asked.Last()));
    }

    /// <summary>A client may call its server what the operator calls the one that searches.</summary>
    [Fact]
    public async Task Search_AndAServerWithItsLabel_GoEachToItsOwn()
    {
        await using var other = await FakeToolServer.StartAsync(FakeTool.Echo(), FakeTool.Saying("find", "not the web"));
        var backend = new CallingBackend(
            new Says(null, ("demo", "echo", "{}"), (null, "web_search", """{"query":"q"}""")), Says.Words("Found."));
        var settings = new Dictionary<string, string?>(Settings, StringComparer.Ordinal)
        {
            ["Tools:Servers:1:Name"] = "other", ["Tools:Servers:1:Url"] = other.Url, ["Tools:Servers:1:AllowsPrivate"] = "true",
        };
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Saying("find", "the web")], settings);
        var mcp = $$"""{"type":"mcp","server_label":"demo","server_url":"{{other.Url}}","require_approval":"never"}""";
        var response = await house.AskAsync(house.Body("\"x\"", $$"""{{mcp}},{"type":"web_search"}"""));
        Assert.Equal(["mcp_list_tools", "mcp_call", "web_search_call", "message"], response.Types());
        Assert.Equal(["echo {}"], other.Calls);
        Assert.Equal(["""find {"text":"q"}"""], house.Tools.Calls);
    }

    [Fact]
    public async Task SearchThatFails_IsToldToTheModel()
    {
        var backend = new CallingBackend(Says.Call(null, "web_search", """{"query":"q"}"""), Says.Words("Nothing."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Saying("find", "out of order", isError: true)], Settings);
        var response = await house.AskAsync(house.Body("\"x\"", """{"type":"web_search"}"""));
        Assert.Equal("failed", response.Item("web_search_call").Str("status"));
        Assert.Equal("output Error: out of order", CallingBackend.Lines(backend.Asked.Last()).Last());
    }
}
