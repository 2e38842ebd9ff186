using Samovar.Backends;
using Samovar.Backends.Embedded;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a model writes beyond what its request allows: calls that are not shown, and answers without a limit.</summary>
public sealed class WithheldCallTests
{
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

    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Fact]
    public async Task JsonThatLooksLikeACall_IsAnAnswer_WhereJsonWasAskedForAndNothingMayBeCalled()
    {
        var talk = new Talk(Families.Headers).Says("""{"name": "find", "parameters": {"a": 1}}""");
        var text = new { format = new { type = "json_object" } };
        var seen = await talk.AskAsync(null, new { input = "x", text, tools = new[] { Talk.Function("find") }, tool_choice = "none" });
        Assert.Equal("""{"name": "find", "parameters": {"a": 1}}""", seen.Text<BackendEvent.MessageStarted>());
    }

    [Fact]
    public async Task AnswerWithoutALimit_EndsAtTheDefaultOne_AndOneOfItsOwnWins()
    {
        var talk = new Talk(Families.ChatMl, new EmbeddedOptions { OutputTokensDefault = 32 }).Says(new string('x', 100));
        var bound = await talk.AskAsync(null, new { input = "x" });
        Assert.Equal(("max_output_tokens", 32), (bound.Finished.IncompleteReason, bound.Finished.Usage!.OutputTokens));
        var own = await talk.AskAsync(null, new { input = "x", max_output_tokens = 64 });
        Assert.Equal(("max_output_tokens", 64), (own.Finished.IncompleteReason, own.Finished.Usage!.OutputTokens));
        var chained = await talk.AskAsync(bound.Node, new { input = new[] { Talk.User("go on") } });
        Assert.Equal(32, chained.Finished.Usage!.OutputTokens);
        Assert.Equal(8192, new EmbeddedOptions().OutputTokensDefault);
    }
}
