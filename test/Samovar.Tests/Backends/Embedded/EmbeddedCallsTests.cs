using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Calls that the model may and may not make.</summary>
public sealed class EmbeddedCallsTests
{
    [Fact]
    public async Task SecondCall_EndsTheTurn_WhereCallsMayNotBeParallel()
    {
        var talk = new Talk(Families.ChatMl);
        talk.SaysCalls(("find", "{}"), ("find", "{\"a\": 2}"));
        var seen = await talk.AskAsync(null, new { input = "x", tools = new[] { Talk.Function("find") }, parallel_tool_calls = false });
        Assert.Equal("{}", Assert.IsType<FunctionCallItem>(Assert.Single(seen.Items)).Arguments);
        Assert.Null(seen.Finished.IncompleteReason);
    }

    [Fact]
    public async Task NoTool_MayBeCalled_WhenTheChoiceIsNone_AndThePromptStaysTheSame()
    {
        var talk = new Talk(Families.ChatMl);
        talk.SaysCalls(("find", "{}"));
        object[] tools = [Talk.Function("find"), Talk.Function("open_it")];
        var none = await talk.AskAsync(null, new { input = "x", tools, tool_choice = "none" });
        Assert.Empty(none.Items); // neither as a call nor as text, whatever the engine's grammar let pass
        var allowed = new { type = "allowed_tools", mode = "auto", tools = new[] { new { type = "function", name = "open_it" } } };
        var other = await talk.AskAsync(null, new { input = "x", tools, tool_choice = allowed });
        Assert.Empty(other.Items);
        Assert.Equal(talk.Engine.Turns[0].Prompt.ToArray(), talk.Engine.Turns[1].Prompt.ToArray());
    }

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task CallThatMayNotBeMade_IsNotShown_InAnyDialect_AndWhatFollowsIsRenderedFromWhatWasSent(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        var talk = new Talk(family);
        object[] tools = [Talk.Function("find"), Talk.Function("open_it")];
        talk.SaysCalls(("find", "{\"a\": 1}"));
        var none = await talk.AskAsync(null, new { input = "x", tools, tool_choice = "none" });
        Assert.Empty(none.Events.OfType<BackendEvent.Delta>());
        Assert.Empty(none.Items);
        var next = await talk.Says("ok").AskAsync(none.Node, new { input = new[] { Talk.User("go on") } });
        Assert.DoesNotContain("\"a\": 1", talk.Tokenizer.Text(talk.Engine.Turns[1].Prompt.ToArray()), StringComparison.Ordinal);
        Assert.Equal("ok", next.Text<BackendEvent.MessageStarted>());
    }

    [Fact]
    public async Task Engine_HearsHowATurnEnded()
    {
        var talk = new Talk(Families.ChatMl);
        talk.SaysCalls(("find", "{}"));
        await talk.AskAsync(null, new { input = "x", tools = new[] { Talk.Function("find") } });
        await talk.Says("ok").AskAsync(null, new { input = "x" });
        await talk.Says(new string('x', 200)).AskAsync(null, new { input = "x", max_output_tokens = 16 });
        TurnEnding?[] endings = [new(StopKind.ToolCall, "find"), new(StopKind.EndTurn), new(StopKind.Unknown)];
        Assert.Equal(endings, talk.Engine.Endings);
    }

    [Fact]
    public async Task Engine_HearsOfASubAgent_AndThatNothingFollows_WhateverTheTurnSaid()
    {
        var talk = new Talk(Families.ChatMl);
        object[] tools = [Talk.Function("find")];
        var child = new SessionHints(null, null) { IsSubAgent = true };
        talk.SaysCalls(("find", "{}"));
        await talk.AskAsync(null, Talk.Request(new { input = "x", tools }) with { Hints = child });
        await talk.AskAsync(null, new { input = "x", tools, final = true });
        talk.Says("ok");
        await talk.AskAsync(null, Talk.Request(new { input = "x" }) with { Hints = child with { IsFinal = true } });
        await talk.AskAsync(null, Talk.Request(new { input = "x", final = false }) with { Hints = child with { IsFinal = true } });
        TurnEnding?[] endings =
        [
            new(StopKind.ToolCall, "find", IsSubAgent: true), new(StopKind.Final), new(StopKind.Final, IsSubAgent: true),
            new(StopKind.EndTurn, IsSubAgent: true),
        ];
        Assert.Equal(endings, talk.Engine.Endings);
    }

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Fact]
    public async Task JsonThatLooksLikeACall_IsAnAnswer_WhereJsonWasAskedForAndNothingMayBeCalled()
    {
        var talk = new Talk(Families.Headers).Says("""{"name": "find", "parameters": {"a": 1}}""");
        var text = new { format = new { type = "json_object" } };
        var seen = await talk.AskAsync(null, new { input = "x", text, tools = new[] { Talk.Function("find") }, tool_choice = "none" });
        Assert.Equal("""{"name": "find", "parameters": {"a": 1}}""", seen.Text<BackendEvent.MessageStarted>());
    }
}
