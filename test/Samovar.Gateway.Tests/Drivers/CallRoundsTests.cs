using System.Text;
using System.Text.Json;
using Samovar.Chains;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>Calls that were cut off, and results in every order, at upstreams that refuse what their documents do not allow.</summary>
public sealed class CallRoundsTests
{
    private const string NotRun = "Not run: the answer was cut off at this call.";

    // u: the user says something; t, r: the model says, thinks something; a, b: calls; A, B: their results; x: a call that was cut off;
    // y: another, of a custom tool; *: the same result once more, +: another one
    [Theory]
    [InlineData("chat", "u x u", "user | assistant:x | tool:x | user")]
    [InlineData("chat", "u y u", "user | assistant:y | tool:y | user")]
    [InlineData("chat", "u t x", "user | assistant:x | tool:x")]
    [InlineData("chat", "u a x A u", "user | assistant:a,x | tool:a | tool:x | user")]
    [InlineData("chat", "u x y u", "user | assistant:x,y | tool:x | tool:y | user")]
    [InlineData("chat", "u x X u", "user | assistant:x | tool:x | user")]
    [InlineData("chat", "u a b B A u", "user | assistant:a,b | tool:a | tool:b | user")]
    [InlineData("chat", "u a b A u B", "user | assistant:a,b | tool:a | tool:b | user")]
    [InlineData("chat", "u a u A u", "user | assistant:a | tool:a | user | user")]
    [InlineData("chat", "u a t A", "user | assistant:a | tool:a")]
    [InlineData("chat", "u a r b t A B", "user | assistant:a,b | tool:a | tool:b")]
    [InlineData("chat", "u a A b t B t", "user | assistant:a | tool:a | assistant:b | tool:b | assistant")]
    [InlineData("chat", "u a b A t B", "user | assistant:a,b | tool:a | tool:b | assistant")]
    [InlineData("chat", "u a b A c B C", "user | assistant:a,b | tool:a | tool:b | assistant:c | tool:c")]
    [InlineData("chat", "A u a u", "user | assistant:a | tool:a | user")]
    [InlineData("chat", "u a A * u", "user | assistant:a | tool:a | user")]
    [InlineData("chat", "u a A + u", "user | assistant:a | tool:a | user | user")]
    [InlineData("chat", "u a A u a A", "user | assistant:a | tool:a | user | assistant:a | tool:a")]
    [InlineData("chat", "u a a A +", "user | assistant:a,a_2 | tool:a | tool:a_2")]
    [InlineData("chat", "u a a A u", "user | assistant:a,a_2 | tool:a | tool:a_2 | user")]
    [InlineData("chat", "A + u a a u", "user | assistant:a,a_2 | tool:a | tool:a_2 | user")]
    [InlineData("messages", "u x u", "user | assistant:x | user:x,text")]
    [InlineData("messages", "u y u", "user | assistant:y | user:y,text")]
    [InlineData("messages", "u t x", "user | assistant:x | user:x")]
    [InlineData("messages", "u a x A u", "user | assistant:a,x | user:a,x,text")]
    [InlineData("messages", "u a b B A u", "user | assistant:a,b | user:a,b,text")]
    [InlineData("messages", "u a b A u B", "user | assistant:a,b | user:a,b,text")]
    [InlineData("messages", "u a u A u", "user | assistant:a | user:a,text,text")]
    [InlineData("messages", "u a t A", "user | assistant:a | user:a")]
    [InlineData("messages", "u a b A t B", "user | assistant:a,b | user:a,b | assistant")]
    [InlineData("messages", "A u a u", "user | assistant:a | user:a,text")]
    [InlineData("messages", "u a A * u", "user | assistant:a | user:a,text")]
    [InlineData("messages", "u a A + u", "user | assistant:a | user:a,text,text,text")]
    [InlineData("responses-http", "u x u", "u x X u")]
    [InlineData("responses-http", "u y u", "u y Y u")]
    [InlineData("responses-http", "u a x u A", "u a x X u A")]
    [InlineData("responses-http", "u a b B A u", "u a b B A u")]
    [InlineData("responses-http", "u a A * u", "u a A A u")]
    public async Task WholeHistory_GoesUp_AsTheUpstreamTakesIt(string kind, string history, string sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, Input(history));
        Assert.True(result.Error is null, result.Error?.Message);
        Assert.Equal(sent, Outline(kind, upstream));
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses-http")]
    public async Task CallThatWasCutOff_EndsNoConversation_AndTheHistoryBeginsTheSameInEveryTurn(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var cut = Continued(await gateway.TurnAsync(null, Input("u")), "x");
        var (node, before) = (cut, "");
        for (var turn = 0; turn < 3; turn++)
        {
            var result = await gateway.TurnAsync(node, Input("u"));
            Assert.True(result.Error is null, result.Error?.Message);
            var sent = upstream.Requests.Last().Json.GetProperty(kind.StartsWith("resp", StringComparison.Ordinal) ? "input" : "messages")
                .GetRawText().Replace(",\"cache_control\":{\"type\":\"ephemeral\"}", "", StringComparison.Ordinal).TrimEnd(']');
            Assert.StartsWith(before, sent, StringComparison.Ordinal);
            Assert.Contains(NotRun, sent, StringComparison.Ordinal);
            (node, before) = (result.Node, sent);
        }
        Assert.Null((await gateway.TurnAsync(cut, Input("X u"))).Error); // who answers it all the same is heard
        Assert.DoesNotContain(NotRun, upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResultThatIsRepeated_AnswersNoLaterCallOfItsName()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("chat", upstream);
        Assert.Null((await gateway.TurnAsync(null, Input("u a A * u a u"))).Error);
        Assert.Equal(["result A", NotRun], upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray()
            .Where(message => message.TryGetProperty("tool_call_id", out _)).Select(message => message.GetProperty("content").GetString()));
    }

    [Fact]
    public async Task CallsOfOneName_HaveAnIdEach_AndTheirResultsTheSame_InEveryTurn()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var called = Continued(await gateway.TurnAsync(null, Input("u")), "a a");
        var second = await gateway.TurnAsync(called, Input("A + u"));
        Assert.True(second.Error is null, second.Error?.Message);
        var before = Ids(upstream);
        var again = Continued(second, "a b");
        var third = await gateway.TurnAsync(again, Input("B A u"));
        Assert.True(third.Error is null, third.Error?.Message);
        var (calls, results) = Ids(upstream);
        Assert.Equal((2, 4), (before.Calls.Distinct().Count(), calls.Distinct().Count()));
        Assert.Equal(before.Calls, before.Results);
        Assert.Equal(calls, results);
        Assert.Equal(before.Calls, calls.Take(2));
    }

    [Fact]
    public void ManyCalls_AreSettled_WithWorkThatGrowsWithThem()
    {
        const int count = 10_000;
        var calls = Enumerable.Range(0, count).Select(at => Read(
            $$"""{"type":"function_call","call_id":"c{{at % 100}}","name":"f","arguments":"{}"}"""));
        var results = Enumerable.Range(0, count).Select(at => Read(
            $$"""{"type":"function_call_output","call_id":"c{{at % 100}}","output":"{{at}}"}"""));
        var settled = CallRounds.Settle([.. results, .. calls], [], isClosed: true);
        Assert.Equal(2 * count, settled.Items.Count);
        Assert.Empty(settled.Open);
        Assert.Equal(Enumerable.Range(0, count).Select(at => $"{at}"), settled.Items.Skip(count)
            .Select(item => Assert.IsType<ContentPart.Text>(Assert.IsType<FunctionCallOutputItem>(item).Output[0]).Value));
    }

    private static Item Read(string json) => ItemReader.Read(Encoding.UTF8.GetBytes(json), ProtocolLimits.Default);

    private static (List<string> Calls, List<string> Results) Ids(FakeUpstream upstream)
    {
        var blocks = upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray()
            .Where(message => message.GetProperty("content").ValueKind == JsonValueKind.Array)
            .SelectMany(message => message.GetProperty("content").EnumerateArray()).ToList();
        return (Of("id"), Of("tool_use_id"));

        List<string> Of(string name) =>
            [.. blocks.Where(block => block.TryGetProperty(name, out _)).Select(block => block.GetProperty(name).GetString()!)];
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task ResultThatComesTooLate_IsText(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var cut = Continued(await gateway.TurnAsync(null, Input("u")), "x");
        var next = await gateway.TurnAsync(cut, Input("u"));
        var late = await gateway.TurnAsync(next.Node, Input("X u"));
        Assert.True(late.Error is null, late.Error?.Message);
        Assert.Contains("A result of the tool call x", upstream.Requests.Last().Text, StringComparison.Ordinal);
        Assert.Contains("result X", upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoredChainAtTheUpstream_GetsTheResultThatIsMissing_WithTheNewItemsAlone()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-stored", upstream);
        upstream.Raw = null;
        var asked = await gateway.TurnAsync(null, TestGateway.User(FakeMind.AskForTool), TestGateway.Tools);
        var next = await gateway.TurnAsync(asked.Node, Input("u"), TestGateway.Tools);
        Assert.True(next.Error is null, next.Error?.Message);
        var sent = upstream.Requests.Last();
        Assert.NotNull(sent.PreviousResponseId);
        Assert.Equal(["function_call_output", "message"], sent.Json.GetProperty("input").EnumerateArray()
            .Select(item => item.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task UpstreamThatKeptNoCallThatWasCutOff_GetsTheWholeHistory()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("responses-stored", upstream);
        var cut = Continued(await gateway.TurnAsync(null, Input("u")), "x");
        var next = await gateway.TurnAsync(cut, Input("u"));
        Assert.True(next.Error is null, next.Error?.Message);
        var sent = upstream.Requests.ToList();
        Assert.NotNull(sent[^2].PreviousResponseId);
        Assert.Null(sent[^1].PreviousResponseId);
        Assert.Contains(NotRun, sent[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task ResultsThatComeInTwoPieces_MayBe_WhereAWarmUpBroughtTheFirst(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var called = Continued(await gateway.TurnAsync(null, Input("u")), "a b");
        var warm = await gateway.TurnAsync(called, Input("B"), ""","generate":false""");
        var result = await gateway.TurnAsync(warm.Node, Input("A u"));
        Assert.True(result.Error is null, result.Error?.Message);
        Assert.DoesNotContain(NotRun, upstream.Requests.Last().Text, StringComparison.Ordinal);
    }

    /// <summary>The turn's response with more items at its end.</summary>
    private static ChainNode Continued(TurnResult turn, string items)
    {
        var more = items.Split(' ').Select(one => ItemReader.Read(Encoding.UTF8.GetBytes(Item(one)), ProtocolLimits.Default));
        return new ChainNode
        {
            Tenant = turn.Node.Tenant, Id = turn.Node.Id, Parent = turn.Node.Parent, Input = turn.Node.Input, Bytes = 0,
            State = turn.Node.State,
            Response = turn.Node.Response with { Output = [.. turn.Node.Output, .. more] },
        };
    }

    private static string Input(string history) => "[" + string.Join(',', history.Split(' ').Select(Item)) + "]";

    private static string Item(string one) => one switch
    {
        "u" => """{"type":"message","role":"user","content":"go on"}""",
        "t" => """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"so"}]}""",
        "r" => """{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}""",
        "x" => """{"type":"function_call","call_id":"x","name":"look","arguments":"{\"q\": \"lon","status":"incomplete"}""",
        "y" => """{"type":"custom_tool_call","call_id":"y","name":"patch","input":"*** Beg","status":"incomplete"}""",
        "*" => Item("A"),
        "+" => """{"type":"function_call_output","call_id":"a","output":"something else"}""",
        _ when char.IsLower(one[0]) => $$"""{"type":"function_call","call_id":"{{one}}","name":"look","arguments":"{}"}""",
        _ => $$"""{"type":"function_call_output","call_id":"{{char.ToLowerInvariant(one[0])}}","output":"result {{one}}"}""",
    };

    private static string Outline(string kind, FakeUpstream upstream)
    {
        var body = upstream.Requests.Last().Json;
        if (kind.StartsWith("responses", StringComparison.Ordinal))
            return string.Join(' ', body.GetProperty("input").EnumerateArray().Select(item => item.GetProperty("type").GetString() switch
            {
                "message" => "u",
                "function_call" or "custom_tool_call" => item.GetProperty("call_id").GetString(),
                _ => item.GetProperty("call_id").GetString()!.ToUpperInvariant(),
            }));
        return string.Join(" | ", body.GetProperty("messages").EnumerateArray().Select(message =>
        {
            var said = string.Join(',', kind == "chat" ? OfChat(message) : OfMessages(message));
            var role = message.GetProperty("role").GetString();
            return said.Length == 0 || said == "text" ? role : $"{role}:{said}";
        }));
    }

    private static IEnumerable<string?> OfChat(JsonElement message)
    {
        if (message.TryGetProperty("tool_call_id", out var id)) return [id.GetString()];
        return message.TryGetProperty("tool_calls", out var calls)
            ? calls.EnumerateArray().Select(call => call.GetProperty("id").GetString()) : [];
    }

    private static IEnumerable<string?> OfMessages(JsonElement message)
    {
        var isUser = message.GetProperty("role").GetString() == "user";
        return message.GetProperty("content").EnumerateArray().Where(block => isUser || block.TryGetProperty("id", out _)).Select(
            block => block.TryGetProperty("id", out var id) || block.TryGetProperty("tool_use_id", out id) ? id.GetString() : "text");
    }
}
