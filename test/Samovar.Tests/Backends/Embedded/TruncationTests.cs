using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Testing.Core;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What is left out of a conversation that is longer than the context, and what never is.</summary>
public sealed class TruncationTests
{
    private const int ContextTokens = 4000; // a token is about a byte here
    private const int Turns = 30;

    [Theory]
    [InlineData("s u a u a", "3 4")] // a lead stays; an answer may begin only behind the newest question
    [InlineData("u c o c o", "1 3")] // one task: rounds of calls and outputs
    [InlineData("u c o u r c c o o a", "3 4 9")] // reasoning and parallel calls are one round
    [InlineData("u c u o a", "1 4")] // a question between a call and its output parts nothing
    [InlineData("s s", "")]
    public void Conversation_MayStartOver_OnlyBetweenRounds(string items, string cuts)
    {
        var calls = 0;
        var outputs = 0;
        Item[] all = [.. items.Split(' ').Select(kind => kind switch
        {
            "s" => Message(Role.Developer),
            "u" => Message(Role.User),
            "a" => Message(Role.Assistant),
            "r" => new ReasoningItem([], ["hm"], null) { Json = default },
            "c" => Ask.Call($"call_{calls++}"),
            _ => Ask.Output($"call_{outputs++}"),
        })];
        var expected = cuts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Distinct().Order();
        Assert.Equal(expected, OldestItems.Cuts(all).Distinct().Order());
    }

    [Fact]
    public async Task AgentThatOutgrowsTheContext_GoesOn_WithWholeRounds_AndItsInstructions()
    {
        var talk = Small().SaysCalls(("find", """{"a": 0}"""));
        var seen = await talk.AskAsync(null, Body(Talk.User("the task")));
        for (var turn = 1; turn <= Turns; turn++)
        {
            talk.SaysCalls(("find", $$"""{"a": {{turn}}}"""));
            seen = await talk.AskAsync(seen.Node, Body(Output(seen, turn)));
        }
        var last = talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray());
        Assert.Contains("Obey the rule.", last, StringComparison.Ordinal);
        Assert.DoesNotContain("the task", last, StringComparison.Ordinal);
        Assert.Contains($"result {Turns} ", last, StringComparison.Ordinal);
        var first = Enumerable.Range(1, Turns).First(turn => last.Contains($"result {turn} ", StringComparison.Ordinal));
        Assert.InRange(first, Turns / 2, Turns - 2);
        for (var turn = 1; turn <= Turns; turn++)
        {
            var hasCall = last.Contains($"\"a\": {turn - 1}}}", StringComparison.Ordinal);
            Assert.Equal(turn >= first, hasCall); // each output with its call, and none alone
        }
        Assert.All(talk.Engine.Turns, turn => Assert.InRange(turn.Prompt.Length, 1, ContextTokens - 1));
        Assert.InRange(talk.Engine.Turns.Count(turn => turn.ContinueFrom is { } pin && turn.Prompt.GrewFrom(pin.Path)), 20, Turns - 2);
        Assert.True(seen.State.ItemsDropped > 0);
    }

    [Fact]
    public async Task NewestRoundThatAloneIsTooLong_IsAnError()
    {
        var talk = Small().Says("ok");
        var error = await Assert.ThrowsAsync<ApiException>(
            () => talk.AskAsync(null, Body(Talk.User("old"), Talk.User(new string('x', ContextTokens)))));
        Assert.Equal(Errors.ContextLengthExceeded, error.Kind);
    }

    private static Talk Small() => new Talk(Families.ChatMl).Holding(ContextTokens);

    private static object Body(params object[] input) => new
    {
        instructions = "Obey the rule.", input, tools = new[] { Talk.Function("find") }, truncation = "auto",
    };

    private static object Output(BackendAnswer seen, int turn) =>
        Talk.Output(seen.Items.OfType<FunctionCallItem>().Single().CallId, $"result {turn} {new string('r', 150)}");

    private static MessageItem Message(Role role) => new MessageItem(role, [new ContentPart.Text("x")], null) { Json = default };
}
