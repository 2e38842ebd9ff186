using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Testing.Core;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A turn costs what is new: messages rendered and characters tokenised do not grow with the history.</summary>
public sealed class TurnCostTests
{
    [Fact]
    public async Task AgentLoop_RendersAndTokenisesOnlyTheDelta_HoweverLongItBecomes()
    {
        var talk = new Talk(Families.ChatMl);
        ChainNode? node = null;
        var costs = new List<(long Messages, long Chars)>();
        for (var turn = 0; turn < 60; turn++)
        {
            var call = node?.Output.OfType<FunctionCallItem>().Single().CallId;
            var (messages, chars) = (talk.Backend.Model.Renderer.MessagesRendered, talk.Backend.Model.Control.CharsTokenized);
            talk.SaysCalls(("find", "{\"a\": 1}"));
            node = (await talk.AskAsync(node, new
            {
                instructions = new string('i', 5000), tools = new[] { Talk.Function("find") },
                input = new[] { call is null ? Talk.User("go") : Talk.Output(call, new string('r', 300)) },
            })).Node;
            costs.Add((talk.Backend.Model.Renderer.MessagesRendered - messages, talk.Backend.Model.Control.CharsTokenized - chars));
        }
        Assert.All(costs.Skip(2), cost => Assert.Equal(costs[2], cost)); // turn 0 renders the start, turn 1 proves the shape
        Assert.InRange(costs[2].Chars, 300, 600);
        Assert.InRange(costs[2].Messages, 2, 5); // what is new behind a stand-in's question and answer, once
        Assert.Equal((59, 1), talk.Backend.Model.Planner.Counts);
    }

    [Fact]
    public async Task KeptTokens_AreCounted_AndOnlyWhatIsNew()
    {
        var talk = new Talk(Families.ChatMl).Says("as it is");
        ChainNode? node = null;
        var states = new List<EmbeddedState>();
        for (var turn = 0; turn < 20; turn++)
        {
            var seen = await talk.AskAsync(node, new { instructions = new string('i', 20_000), input = $"question {turn}" });
            node = seen.Node;
            states.Add(seen.State);
        }
        Assert.InRange(states.Sum(state => state.Bytes), HeldMemory.Of(states[^1].Path), 1 << 18);
        Assert.All(states.Skip(1), state => Assert.InRange(state.Bytes, 100, 4000)); // the start has 20,000 tokens
    }

    [Fact]
    public async Task ContinuedTurn_LeavesOnlyItsOwnTokensUncached()
    {
        var talk = new Talk(Families.ChatMl).Says("first");
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User(new string('x', 1000)) } });
        var second = await talk.AskAsync(first.Node, new { input = new[] { Talk.User("and now?") } });
        Assert.Equal(first.State.Path.Length, second.Finished.Usage!.CachedTokens);
        Assert.True(talk.Engine.Turns[1].Prompt.GrewFrom(first.State.Path));
        Assert.Same(first.State.Pin, talk.Engine.Turns[1].ContinueFrom);
    }

    [Fact]
    public async Task Conversation_StaysContinued_WhenTheDateInItsTemplateChanges()
    {
        var clock = new Clock();
        var talk = new Talk(Families.Headers, time: clock).Says("one");
        var first = await talk.AskAsync(null, new { input = "x" });
        var second = await talk.AskAsync(first.Node, new { input = "y" });
        clock.Now = clock.Now.AddDays(1);
        await talk.AskAsync(second.Node, new { input = "z" });
        Assert.Equal((2, 1), talk.Backend.Model.Planner.Counts);
        Assert.True(talk.Engine.Turns[2].Prompt.GrewFrom(second.State.Path));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 9, 14, 5, 7, TimeSpan.Zero);
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
