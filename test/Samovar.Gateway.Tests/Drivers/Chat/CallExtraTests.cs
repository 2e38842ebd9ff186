using System.Text;
using System.Text.Json;
using Samovar.Gateway.Drivers.Chat;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Chat;

/// <summary>What an upstream says beside a call (<c>extra_content</c>, in which Gemini signs its thoughts) comes back to it, and to nobody
/// else.</summary>
public sealed class CallExtraTests
{
    private const string Extra = """{"google":{"thought_signature":"c2ln"}}""";
    private const string Signed = """{"index":0,"id":"c","type":"function","function":{"name":"look","arguments":"{}"},"extra_content":""" +
        Extra + "}";

    public static TheoryData<string, string[]> Streams => new()
    {
        { "with the call", [Signed] },
        { "in a piece behind it", ["""{"index":0,"id":"c","function":{"name":"look","arguments":"{}"}}""",
            $$"""{"index":0,"extra_content":{{Extra}}}"""] },
        { "before its name", [$$"""{"index":0,"id":"c","extra_content":{{Extra}}}""",
            """{"index":0,"function":{"name":"look","arguments":"{}"}}"""] },
        { "of two calls the first", [Signed, """{"index":1,"id":"d","function":{"name":"add","arguments":"{}"}}"""] },
    };

    [Theory, MemberData(nameof(Streams))]
    public async Task Extra_ComesBack_WithItsCall(string how, string[] pieces)
    {
        Assert.NotEmpty(how);
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var first = await CalledAsync(gateway, upstream, pieces);
        Assert.Equal(Extra, CallExtra.Of(first.Node.Output[0]).ToString());
        Assert.All(first.Node.Output.Skip(1), call => Assert.False(CallExtra.Has(call)));
        for (var turn = 0; turn < 2; turn++)
        {
            await gateway.TurnAsync(first.Node, Outputs(first), ChatPlay.Tools);
            var calls = CallsOf(upstream);
            Assert.Equal(Extra, calls[0].GetProperty("extra_content").GetRawText());
            Assert.All(calls.Skip(1), call => Assert.False(call.TryGetProperty("extra_content", out _)));
        }
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("responses-http")]
    [InlineData("messages")]
    public async Task Extra_GoesToNobodyElse(string kind)
    {
        await using var maker = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", maker);
        var first = await CalledAsync(gateway, maker, [Signed]);
        await using var other = await FakeUpstream.StartAsync("b");
        using var elsewhere = new TestGateway(kind, other);
        Assert.Null((await elsewhere.TurnAsync(first.Node, Outputs(first), ChatPlay.Tools)).Error);
        Assert.DoesNotContain("extra_content", other.Requests.Last().Json.GetRawText(), StringComparison.Ordinal);

        var resent = await elsewhere.TurnAsync(null, $"[{TestGateway.User("go")[1..^1]},{first.Node.Output[0].Json}," +
            $"{Outputs(first)[1..^1]}]", ChatPlay.Tools);
        Assert.Null(resent.Error);
        Assert.DoesNotContain("extra_content", other.Requests.Last().Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extra_ComesBack_FromAClientThatResendsIt()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        await CalledAsync(gateway, upstream, [Signed]);
        var history = """{"messages":[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"c","type":"function",""" +
            """ "function":{"name":"look","arguments":"{}"},"extra_content":{ "google" : {"thought_signature":"c2ln"} }}]},""" +
            """{"role":"tool","tool_call_id":"c","content":"done"}]}""";
        await gateway.TurnAsync(ChatRequestReader.Read(Encoding.UTF8.GetBytes(history), ProtocolLimits.Default).Request);
        Assert.Equal("c2ln", CallsOf(upstream)[0].GetProperty("extra_content").GetProperty("google").GetProperty("thought_signature")
            .GetString());
    }

    [Theory]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/openai", true)]
    [InlineData("https://api.example.com/v1", false)]
    public void ExtraOfGoogle_GoesToAnyAccountOfIt_ThoughItsMakerIsNotKnown(string url, bool goes)
    {
        var call = ItemReader.Read(Encoding.UTF8.GetBytes("""{"type":"function_call","call_id":"c","name":"f","arguments":"{}",""" +
            $"\"extra_content\":{Extra}}}"), ProtocolLimits.Default);
        Assert.Equal(goes, new CallMaker(Calls.Of("chat", baseUrl: url)).Is(call, null));
    }

    /// <summary>What lies beyond it judges for itself.</summary>
    [Theory]
    [InlineData("responses-http", "samovar", true)]
    [InlineData("responses-http", "vllm", false)]
    public async Task Extra_GoesToAnotherSamovar_WhoeverMadeTheCall(string kind, string dialect, bool goes)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        var first = await CalledAsync(gateway, upstream, [Signed]);
        await using var other = await FakeUpstream.StartAsync("b");
        var options = TestGateway.Options(kind, other);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var elsewhere = new TestGateway(options);
        await elsewhere.TurnAsync(null, $"[{TestGateway.User("go")[1..^1]},{first.Node.Output[0].Json},{Outputs(first)[1..^1]}]",
            ChatPlay.Tools);
        Assert.Equal(goes, other.Requests.Last().Json.GetRawText().Contains("c2ln", StringComparison.Ordinal));
    }

    private static async Task<TurnResult> CalledAsync(TestGateway gateway, FakeUpstream upstream, string[] pieces)
    {
        upstream.Raw = RawAnswer.Of([.. pieces.Select(piece => ChatPlay.Delta($$"""{"tool_calls":[{{piece}}]}""")),
            ChatPlay.End("tool_calls")]);
        var result = await gateway.TurnAsync(null, TestGateway.User("go"), ChatPlay.Tools);
        upstream.Raw = null;
        return result;
    }

    private static string Outputs(TurnResult result) => "[" + string.Join(',', result.Node.Output.Cast<FunctionCallItem>()
        .Select(call => $$"""{"type":"function_call_output","call_id":"{{call.CallId}}","output":"done"}""")) + "]";

    private static List<JsonElement> CallsOf(FakeUpstream upstream) => [.. upstream.Requests.Last().Json.GetProperty("messages")[1]
        .GetProperty("tool_calls").EnumerateArray()];
}
