using System.Text;
using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>
/// What a client says of its tools beside their form (whether the model sees them from the start, who may call them, how calls look) goes
/// to upstreams that know it, and is named elsewhere.
/// </summary>
public sealed class ToolHandlingTests
{
    private const string Said = """
        "defer_loading":true,"allowed_callers":["direct","code_execution_20260120"],"input_examples":[{"x":1}],"eager_input_streaming":true
        """;
    private const string Search = """{"name":"s","input_schema":{"type":"object"}}""";
    private static readonly string[] Named = ["tools.defer_loading", "tools.allowed_callers", "tools.input_examples"];

    [Fact]
    public async Task MessagesClient_IsTakenAtItsWord()
    {
        var (sent, headers, dropped) = await AskAsync("messages", null);
        Assert.Equal("""{"name":"f","input_schema":{"type":"object"},""" + Said + "}", sent[0]);
        Assert.Equal("""{"name":"s","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}""", sent[1]);
        Assert.DoesNotContain("anthropic-beta", headers);
        Assert.Empty(dropped);
    }

    [Fact]
    public async Task Breakpoint_IsNotAtAToolThatTheModelDoesNotSee()
    {
        var (sent, _, _) = await AskAsync("messages", null, deferredLast: true);
        Assert.Contains("cache_control", sent[0], StringComparison.Ordinal);
        Assert.DoesNotContain("cache_control", sent[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat", null)]
    [InlineData("responses-http", null)]
    [InlineData("responses-http", "vllm")]
    public async Task Others_DoNotGetIt_AndItIsNamed(string kind, string? dialect)
    {
        var (sent, _, dropped) = await AskAsync(kind, dialect);
        Assert.All(sent, tool => Assert.DoesNotContain("defer_loading", tool, StringComparison.Ordinal));
        Assert.Equal(Named, dropped.Where(name => name.StartsWith("tools.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AnotherSamovar_GetsIt_InTheTool()
    {
        var (sent, _, dropped) = await AskAsync("responses-http", "samovar");
        Assert.Equal("""{"type":"function","name":"f","parameters":{"type":"object"},""" + Said + "}", sent[0]);
        Assert.Empty(dropped);
    }

    [Theory]
    [InlineData("messages", "", """ "defer_loading":true,"allowed_callers":["direct"]""", "")]
    [InlineData("messages", "", """ "allowed_callers":["direct","programmatic"]""", "tools.allowed_callers")]
    [InlineData("messages", """,{"type":"tool_search"}""", """ "defer_loading":true""", "tools.tool_search tools.defer_loading")]
    [InlineData("messages", "", """ "eager_input_streaming":false""", "")]
    [InlineData("chat", "", """ "defer_loading":true""", "tools.defer_loading")]
    [InlineData("responses-http", "", """ "defer_loading":true""", "")]
    public async Task ResponsesClient_SaysItInTheTool(string kind, string other, string said, string dropped)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("x"),
            ",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{}," + said + "}" + other + "]");
        Assert.Equal(dropped, string.Join(' ', result.Report.Dropped));
        var sent = JsonSerializer.Serialize(upstream.Requests.Last().Json.GetProperty("tools")[0]);
        Assert.Equal(dropped.Length == 0, sent.Contains(said.Trim(), StringComparison.Ordinal));
    }

    private static async Task<(List<string> Tools, IEnumerable<string> Headers, IReadOnlyList<string> Dropped)> AskAsync(
        string kind, string? dialect, bool deferredLast = false)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        if (dialect is not null) options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var deferred = """{"name":"f","input_schema":{"type":"object"},""" + Said + "}";
        var result = await gateway.TurnAsync(Read(deferredLast ? $"{Search},{deferred}" : $"{deferred},{Search}"));
        var request = upstream.Requests.Last();
        return (request.Json.GetProperty("tools").EnumerateArray().Select(tool => JsonSerializer.Serialize(tool)).ToList(),
            request.Headers.Keys, result.Report.Dropped);
    }

    private static CreateRequest Read(string tools) => MessagesRequestReader.Read(Encoding.UTF8.GetBytes(
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[" + tools + "]}"), ProtocolLimits.Default).Request;
}
