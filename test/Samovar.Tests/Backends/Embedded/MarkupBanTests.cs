using Samovar.Backends;
using Samovar.Engine;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Where nothing may be called, a model writes no call: the engine is told what to leave out, and what comes all the same is not
/// sent.</summary>
public sealed class MarkupBanTests
{
    private const string Call = "{\"a\": 1}";
    private static readonly object[] Tools = [Talk.Function("find"), Talk.Function("open_it")];
    private static readonly object Json = new { format = new { type = "json_object" } };
    private static readonly object[] History =
    [
        Talk.User("Where?"), new { type = "function_call", call_id = "c1", name = "find", arguments = Call },
        new { type = "function_call_output", call_id = "c1", output = "here" },
        new { role = "assistant", content = "Here." }, Talk.User("And now?"),
    ];

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    /// <summary>Families whose calls have marks: an object that merely looks like a call may be what was asked for.</summary>
    public static TheoryData<string> MarkedFamilyNames =>
        new(Families.All.Where(family => family != Families.Headers).Select(family => family.Name));

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task CallOfOfferedTools_IsForbidden_WhereTheChoiceIsNone(string name)
    {
        var (family, forbidden) = (Family(name), await ForbiddenAsync(name, new { input = "x", tools = Tools, tool_choice = "none" }));
        Assert.True(Forbids(forbidden, family.Calls([("find", Call)])));
        Assert.True(Forbids(forbidden, "So: " + family.Calls([("open_it", Call)])));
        Assert.False(Forbids(forbidden, family.Thinks("well", "find open_it <tool {\"name\": \"Laura\"} [TOOL to=x é😀\n")));
    }

    [Theory, MemberData(nameof(MarkedFamilyNames))]
    public async Task CallOfAnything_IsForbidden_WhereNoToolIsOffered(string name)
    {
        foreach (var body in (object[])[new { input = "x" }, new { input = "x", tool_choice = "none" }, new { input = "x", text = Json },
            new { input = "x", tools = Tools, tool_choice = "none", text = Json }, new { input = History },
            new { input = "x", tools = new[] { new { type = "web_search" } } }])
            Assert.True(Forbids(await ForbiddenAsync(name, body), Family(name).Calls([("anything", Call)])));
    }

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task CallLikeEarlierOnes_IsForbidden_WhereNoToolIsOfferedAnyMore(string name)
    {
        Assert.True(Forbids(await ForbiddenAsync(name, new { input = History }), Family(name).Calls([("find", Call)])));
        var talk = new Talk(Family(name)).SaysCalls(("open_it", Call));
        var called = await talk.AskAsync(null, new { input = "x", tools = Tools });
        var id = Assert.IsType<FunctionCallItem>(Assert.Single(called.Items)).CallId;
        await talk.Says("ok").AskAsync(called.Node, new { input = new[] { Talk.Output(id, "done") } });
        Assert.True(Forbids(talk.Engine.Turns[^1].Sampling.Forbidden, Family(name).Calls([("open_it", Call)])));
    }

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task NothingIsForbidden_WhereSomethingMayBeCalled(string name)
    {
        var allowed = new { type = "allowed_tools", mode = "auto", tools = new[] { new { type = "function", name = "find" } } };
        Assert.Null(await ForbiddenAsync(name, new { input = "x", tools = Tools }));
        Assert.Null(await ForbiddenAsync(name, new { input = "x", tools = Tools, tool_choice = "required" }));
        Assert.Null(await ForbiddenAsync(name, new { input = "x", tools = Tools, tool_choice = allowed }));
    }

    [Fact]
    public async Task JsonThatWasAskedFor_MayLookLikeACall()
    {
        var asCall = Families.Headers.Calls([("find", Call)]);
        Assert.False(Forbids(await ForbiddenAsync("headers", new { input = "x" }), asCall)); // the client may have asked for it in words
        Assert.False(Forbids(await ForbiddenAsync("headers", new { input = History, text = Json }), asCall));
    }

    [Fact]
    public async Task Mark_MayBeQuoted_WhereTheClientWritesItItself_InAnyTurnOfTheConversation()
    {
        const string written = "Answer with <tool_call> and JSON.";
        Assert.Null(await ForbiddenAsync("chatml", new { input = "x", instructions = written }));
        Assert.Null(await ForbiddenAsync("chatml", new { input = new[] { Talk.Developer(written), Talk.User("x") } }));
        Assert.NotNull(await ForbiddenAsync("chatml", new { input = written, tools = Tools, tool_choice = "none" }));
        object[] read = [Talk.User("Read it."), new { type = "function_call", call_id = "c1", name = "find", arguments = Call },
            new { type = "function_call_output", call_id = "c1", output = written }, Talk.User("x")];
        Assert.NotNull(await ForbiddenAsync("chatml", new { input = read })); // a file's words are not the client's
        const string said = "<tool_call>\n{\"name\": \"my_own\", \"arguments\": {}}\n</tool_call>";
        var talk = new Talk(Families.ChatMl).Says(said);
        var first = await talk.AskAsync(null, new { input = written });
        Assert.Equal(said, first.Text<BackendEvent.MessageStarted>());
        await talk.AskAsync(first.Node, new { input = new[] { Talk.User("again") } });
        Assert.Equal((1, 1), talk.Backend.Model.Planner.Counts); // continued, not read again
        Assert.Null(talk.Engine.Turns[^1].Sampling.Forbidden);
    }

    [Theory, MemberData(nameof(MarkedFamilyNames))]
    public async Task CallThatComesAllTheSame_IsNotSent_AndWhatFollowsIsRenderedFromWhatWasSent(string name)
    {
        var talk = new Talk(Family(name)).SaysCalls(("anything", Call));
        var seen = await talk.AskAsync(null, new { input = "x" });
        Assert.Empty(seen.Events.OfType<BackendEvent.Delta>());
        Assert.Empty(seen.Items);
        await talk.Says("ok").AskAsync(seen.Node, new { input = new[] { Talk.User("go on") } });
        Assert.DoesNotContain(Call, talk.Tokenizer.Text(talk.Engine.Turns[1].Prompt.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SameNames_AreOneObject_SoThatWhatTheEngineLearnsOfThemStays()
    {
        var talk = new Talk(Families.ChatMl);
        foreach (var body in (object[])[new { input = "x" }, new { input = "y" }, new { input = History }, new { input = History }])
            await talk.AskAsync(null, body);
        var forbidden = talk.Engine.Turns.ConvertAll(turn => turn.Sampling.Forbidden);
        Assert.Same(forbidden[0], forbidden[1]);
        Assert.Same(forbidden[2], forbidden[3]);
        Assert.NotSame(forbidden[0], forbidden[2]);
    }

    private static Family Family(string name) => Families.All.Single(family => family.Name == name);

    private static async Task<ForbiddenTexts?> ForbiddenAsync(string name, object body)
    {
        var talk = new Talk(Family(name));
        await talk.AskAsync(null, body);
        return talk.Engine.Turns[^1].Sampling.Forbidden;
    }

    private static bool Forbids(ForbiddenTexts? forbidden, string written) =>
        forbidden?.Texts.Any(text => written.Contains(text, StringComparison.Ordinal)) == true;
}
