using Samovar.Compaction;
using Samovar.Protocol.Items;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Tools;
using Samovar.Tests.Tools;

namespace Samovar.Tests.Compaction;

public sealed class ContextManagementTests : IDisposable
{
    private const string Rules = "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]";
    private readonly NotingBackend _backend = new();
    private readonly CoreHouse _house;

    public ContextManagementTests() => _house = new CoreHouse(backends: _ => [_backend]);

    public void Dispose() => _house.Dispose();

    [Theory]
    [InlineData(4_999, false)]
    [InlineData(5_000, true)]
    public async Task Conversation_IsCompacted_FromItsThresholdOn_InsideTheResponse(int tokens, bool isCompacted)
    {
        _backend.Tokens = tokens;
        var seen = await _house.RunAsync(Conversations.Request(Conversations.Basket(), $"\"store\":false,{Rules}"), Soon.Token);
        Assert.Equal(isCompacted ? ["compaction", "message"] : ["message"],
            seen.Output.Select(item => item.GetProperty("type").GetString()!));
        Assert.Equal("ok", seen.Text);
        Assert.Equal(isCompacted ? 110 : 55, seen.Last.GetProperty("usage").GetProperty("total_tokens").GetInt32()); // both turns
        Assert.Equal(isCompacted ? "model" : null, _house.Requests.Records[^1].Compaction);
        if (!isCompacted) return;
        Assert.DoesNotContain(_backend.Seen[^1], item => item is CompactionItem);
        Assert.Equal(Conversations.Basket()[^1].Json, _backend.Seen[^1][^1].Json); // the question is asked behind the window
    }

    [Fact]
    public async Task Chain_GoesOnFromTheWindow_AndIsCompactedOnceMoreOnlyWhenItIsLargeAgain()
    {
        var basket = Conversations.Basket();
        var first = await _house.RunAsync(Conversations.Request(basket[..4], $"\"store\":true,{Rules}"), Soon.Token);
        _backend.Tokens = 9_000;
        var second = await _house.RunAsync(
            Conversations.Request([basket[5]], $"\"store\":true,{Rules}").After(first.Id), Soon.Token);
        Assert.Equal("compaction", second.Output[0].GetProperty("type").GetString());
        _backend.Tokens = 300;
        var third = await _house.RunAsync(
            Conversations.Request([Ask.User("more")], $"\"store\":true,{Rules}").After(second.Id), Soon.Token);
        Assert.Equal("ok", third.Text);
        Assert.Equal(
            ["You are careful.", Conversations.Task, "ok", "And the pears?", "ok", "more"],
            _backend.Seen[^1].Where(item => Window.NotesOf(item) is null).Select(ItemText.Of));
        Assert.DoesNotContain(_backend.Seen[^1], item => item is IToolOutput);
        Assert.Single(_backend.Asked);
    }

    [Fact]
    public async Task FreshResult_IsNeverShortened_HoweverLargeItIs()
    {
        var basket = Conversations.Basket();
        Item[] call = [Conversations.Read("""{"type":"function_call","call_id":"c2","name":"exec","arguments":"{}"}""")];
        var result = Ask.Output("c2", new string('y', 200_000));
        _backend.Tokens = 90_000;
        await _house.RunAsync(Conversations.Request([.. basket, .. call, result], $"\"store\":false,{Rules}"), Soon.Token);
        Assert.Equal(result.Json, _backend.Seen[^1][^1].Json);
        Assert.Equal(call[0].Json, _backend.Seen[^1][^2].Json);
        Assert.Equal("model", _house.Requests.Records[^1].Compaction);
    }

    [Fact]
    public async Task RuleWithoutAThreshold_HasTheServersOwn()
    {
        _backend.Tokens = 127_999;
        const string open = "\"store\":false,\"context_management\":[{\"type\":\"compaction\"}]";
        var small = await _house.RunAsync(Conversations.Request(Conversations.Basket(), open), Soon.Token);
        Assert.Single(small.Output);
        _backend.Tokens = 128_000;
        var large = await _house.RunAsync(Conversations.Request(Conversations.Basket(), open), Soon.Token);
        Assert.Equal(2, large.Output.Count);
    }

    [Fact]
    public async Task ConversationWhoseKeptPartIsAboveTheThreshold_IsCompactedAgainOnlyWhenMuchHasCome()
    {
        _backend.Tokens = 9_000; // instructions and tools alone: no compaction brings it below
        var instructions = $"\"instructions\":\"{new string('i', 60_000)}\"";
        var more = $"\"store\":true,{Rules},{instructions}";
        var first = await _house.RunAsync(Conversations.Request(Conversations.Basket(), more), Soon.Token);
        var compacted = new List<bool>();
        for (var turn = 0; turn < 12; turn++)
        {
            Item[] round =
            [
                Conversations.Read($$"""{"type":"function_call","call_id":"r{{turn}}","name":"exec","arguments":"{}"}"""),
                Ask.Output($"r{turn}", string.Concat(Enumerable.Repeat("pears ", 1000))),
                Conversations.Read("""{"type":"message","role":"assistant","content":"There are pears."}"""), Ask.User("more"),
            ];
            first = await _house.RunAsync(Conversations.Request(round, more).After(first.Id), Soon.Token);
            compacted.Add(first.Output.Count > 1);
        }
        Assert.InRange(compacted.Count(static was => was), 1, 4);
        Assert.DoesNotContain(compacted.Zip(compacted.Skip(1)), static pair => pair is (true, true));
    }

    [Fact]
    public async Task ConversationThatFillsTheModelsContext_IsCompacted_HoweverLittleHasCome()
    {
        using var house = new CoreHouse(backends: _ => [_full]);
        _full.Tokens = 85_000;
        var more = $"\"store\":true,{Rules},\"instructions\":\"{new string('i', 200_000)}\"";
        var first = await house.RunAsync(Conversations.Request(Conversations.Basket(), more), Soon.Token);
        for (var turn = 0; turn < 2; turn++)
        {
            Item[] round = [Conversations.Read("""{"type":"message","role":"assistant","content":"PEARS"}"""
                .Replace("PEARS", string.Concat(Enumerable.Repeat("pears ", 5000)), StringComparison.Ordinal)), Ask.User("more")];
            first = await house.RunAsync(Conversations.Request(round, more).After(first.Id), Soon.Token);
            Assert.Equal(2, first.Output.Count);
        }
    }

    [Fact]
    public async Task ResponseOfManyRounds_IsAsLargeAsItsConversation_NotAsAllOfThemTogether()
    {
        const string Rule = "\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":20000}]";
        var backend = new CallingBackend(Says.Call("demo", "tell"), Says.Call("demo", "tell"), Says.Words("Done."), Says.Words("Still."))
        {
            Usage = new(9_000, 0, 5, 0),
        };
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Saying("tell", new string('t', 10_000))]);
        var first = await house.AskAsync(house.Body("\"x\"", more: $"\"store\":true,{Rule}"));
        Assert.Equal(27_000, first.GetProperty("usage").GetProperty("input_tokens").GetInt32());
        var second = await house.AskAsync(house.Body("\"y\"", more: $"{Rule},\"previous_response_id\":\"{first.Id()}\""));
        Assert.Equal(["message"], second.Types());
    }

    private readonly NotingBackend _full = new() { Models = [new("noting", "samovar", 100_000)] };
}
