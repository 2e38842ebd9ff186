using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>Asynchronous calls at upstreams of every kind: while they wait, and when their results come.</summary>
public sealed class AsyncCallTests
{
    private const string Pending = "Pending: this call is still running";
    private const string Tools = ""","tools":[{"type":"function","name":"look","async":true,"parameters":{"type":"object"}},""" +
        """{"type":"function","name":"read","parameters":{"type":"object"}}]""";

    public static TheoryData<string, string?> Upstreams => new()
    {
        { "chat", null }, { "messages", null }, { "responses-http", "vllm" }, { "responses-stored", "vllm" },
        { "responses-http", null }, { "responses-ws", null },
    };

    // u: the user says something; t: the model does; p: an asynchronous call, P its result; a, A: another call and its result
    [Theory]
    [InlineData("chat", "u p u t u P u", "user | assistant | tool:p:pending | user | assistant | user | user:P | user")]
    [InlineData("chat", "u p P u", "user | assistant | tool:p:P | user")]
    [InlineData("chat", "u p u P", "user | assistant | tool:p:P | user")]
    [InlineData("chat", "u p a A t P u", "user | assistant | tool:p:pending | tool:a:A | assistant | user:P | user")]
    [InlineData("chat", "u p a A P t u", "user | assistant | tool:p:P | tool:a:A | assistant | user")]
    [InlineData("messages", "u p u t P u", "user | assistant | user:p:pending | assistant | user:P")]
    public async Task WholeHistory_GoesUp_AsStrictUpstreamsTakeIt(string kind, string history, string sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, Input(history), Tools);
        Assert.True(result.Error is null, result.Error?.Message);
        Assert.Equal(sent, string.Join(" | ", upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray().Select(Outline)));
    }

    [Theory, MemberData(nameof(Upstreams))]
    public async Task Chain_GoesOnWhileTheCallWaits_AndTheResultComesLater(string kind, string? dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        if (dialect is not null) options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var isNative = kind.StartsWith("responses", StringComparison.Ordinal) && dialect is null;
        var node = Continued(await gateway.TurnAsync(null, Input("u"), Tools), "p");
        var before = "";
        foreach (var input in new[] { "u", "u", "P", "u" })
        {
            var result = await gateway.TurnAsync(node, Input(input), Tools);
            Assert.True(result.Error is null, result.Error?.Message);
            node = result.Node;
            var sent = upstream.Requests.Last();
            if (sent.PreviousResponseId is not null) continue;
            var text = sent.Json.GetProperty(kind.StartsWith("resp", StringComparison.Ordinal) ? "input" : "messages").GetRawText()
                .Replace(",\"cache_control\":{\"type\":\"ephemeral\"}", "", StringComparison.Ordinal).TrimEnd(']');
            Assert.StartsWith(before, text, StringComparison.Ordinal); // what was sent is never sent otherwise
            Assert.Equal(!isNative, text.Contains(Pending, StringComparison.Ordinal));
            before = text;
        }
        var all = string.Concat(upstream.Requests.Select(request => request.Text));
        Assert.Contains("result P", all, StringComparison.Ordinal);
        Assert.Equal(isNative, all.Contains("\"async\":true", StringComparison.Ordinal));
        Assert.Equal(isNative, all.Contains("\"call_id\":\"p\",\"output\":\"result P\"", StringComparison.Ordinal));
    }

    private static string Outline(JsonElement message)
    {
        var said = message.GetProperty("role").GetString()!;
        var text = message.GetRawText();
        if (message.TryGetProperty("tool_call_id", out var id)) said += ":" + id.GetString();
        else if (text.Contains("tool_use_id", StringComparison.Ordinal)) said += ":p";
        if (text.Contains(Pending, StringComparison.Ordinal)) return said + ":pending";
        return text.Contains("result P", StringComparison.Ordinal) ? said + ":P"
            : text.Contains("result A", StringComparison.Ordinal) ? said + ":A" : said;
    }

    private static ChainNode Continued(TurnResult turn, string item) => new()
    {
        Tenant = turn.Node.Tenant, Id = turn.Node.Id, Parent = turn.Node.Parent, Input = turn.Node.Input, Bytes = 0,
        Response = turn.Node.Response with
        {
            Output = [.. turn.Node.Output, ItemReader.Read(Encoding.UTF8.GetBytes(Item(item)), ProtocolLimits.Default)],
        },
    };

    private static string Input(string history) => "[" + string.Join(',', history.Split(' ').Select(Item)) + "]";

    private static string Item(string one) => one switch
    {
        "u" => """{"type":"message","role":"user","content":"go on"}""",
        "t" => """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"so"}]}""",
        "p" => """{"type":"function_call","call_id":"p","name":"look","arguments":"{}","async":true}""",
        _ when char.IsLower(one[0]) => $$"""{"type":"function_call","call_id":"{{one}}","name":"read","arguments":"{}"}""",
        _ => $$"""{"type":"function_call_output","call_id":"{{char.ToLowerInvariant(one[0])}}","output":"result {{one}}"}""",
    };
}
