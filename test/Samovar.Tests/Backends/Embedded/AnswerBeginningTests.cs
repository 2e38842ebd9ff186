using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// A final message of the assistant is the beginning of the answer: the model goes on with it, and only the new part is sent.
/// </summary>
public sealed class AnswerBeginningTests
{
    public static TheoryData<string> FamilyNames => [.. Families.All.Select(family => family.Name)];

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task Answer_GoesOnWhereItsBeginningEnds(string name)
    {
        var family = Families.All.Single(one => one.Name == name);
        var talk = new Talk(family).Says(" are you?");
        var seen = await AskAsync(talk, null, "hi", "Hello! How");
        var prompt = talk.Tokenizer.Text(talk.Engine.Turns[0].Prompt.ToArray());
        Assert.EndsWith("Hello! How", prompt, StringComparison.Ordinal);
        Assert.Equal(" are you?", seen.Text<BackendEvent.MessageStarted>());
        Assert.Single(seen.Items);
        Assert.Equal(seen.Finished.Usage!.InputTokens, Assert.IsType<BackendEvent.Accepted>(seen.Events[0]).Usage?.InputTokens);

        var more = new { input = new[] { Talk.User("fine") } }; // what follows is the same, warm or cold
        Assert.Equal(talk.Text(talk.Plan(Talk.Cold(seen.Node), more)), talk.Text(talk.Plan(seen.Node, more)));
    }

    [Theory]
    [InlineData("Hello! ", "you"), InlineData("a <|im_end|> b", " c"), InlineData("```json\n", "{}"), InlineData("anchorZq7Kx", "x")]
    public async Task Beginning_IsTakenAsItIsWritten(string beginning, string says)
    {
        var talk = new Talk(Families.ChatMl).Says(says);
        var seen = await AskAsync(talk, null, "hi", beginning);
        Assert.EndsWith(beginning, talk.Tokenizer.Text(talk.Engine.Turns[0].Prompt.ToArray()), StringComparison.Ordinal);
        Assert.Equal(says, seen.Text<BackendEvent.MessageStarted>());
    }

    [Fact]
    public async Task Call_MayFollowTheBeginning()
    {
        var talk = new Talk(Families.ChatMl);
        talk.Says("\n" + Families.ChatMl.Calls([("find", "{\"a\": 1}")]));
        var seen = await AskAsync(talk, null, "hi", "I look:", [Talk.Function("find")]);
        Assert.Equal("find", Assert.IsType<FunctionCallItem>(Assert.Single(seen.Items)).Name);
    }

    [Fact]
    public async Task LaterTurn_TakesWhatItsChainComputed()
    {
        var talk = new Talk(Families.ChatMl).Says("Hello.");
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User("hi") } });
        var seen = await AskAsync(talk, first.Node, "and now", "I would");
        Assert.EndsWith("I would", talk.Tokenizer.Text(talk.Engine.Turns[1].Prompt.ToArray()), StringComparison.Ordinal);
        Assert.True(seen.Finished.Usage!.CachedTokens >= first.State.Path.Length - 1);
    }

    [Fact]
    public async Task Beginning_IsRefusedByName_WhereItCannotBeGoneOnWith()
    {
        var deaf = Families.ChatMl with
        {
            Template = "{% for m in messages if m.role != 'assistant' %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}",
        };
        var error = await Assert.ThrowsAsync<ApiException>(() => AskAsync(new Talk(deaf), null, "hi", "Hello! How"));
        Assert.Equal((400, "input[1]"), (error.Kind.Status, error.Param));

        var shaped = Talk.Request(new { input = Messages("hi", "Hello"), text = new { format = new { type = "json_object" } } });
        error = await Assert.ThrowsAsync<ApiException>(
            () => new Talk(Families.ChatMl).AskAsync(null, shaped with { ContinuesAnswer = true }));
        Assert.Equal((400, "text.format"), (error.Kind.Status, error.Param));
    }

    [Fact]
    public async Task NoWords_WarmThePrompt_AndAreALimitThatIsReached()
    {
        var talk = new Talk(Families.ChatMl).Says("Hello.");
        var request = Talk.Request(new { input = new[] { Talk.User("hi") } });
        var warm = await talk.AskAsync(null, request with { MaxOutputTokens = 0 });
        Assert.Equal(("max_output_tokens", 0, 0), (warm.Finished.IncompleteReason, warm.Items.Count, warm.Finished.Usage!.OutputTokens));
        var seen = await talk.AskAsync(null, request);
        Assert.Equal(warm.Finished.Usage!.InputTokens, seen.Finished.Usage!.InputTokens);
        Assert.Equal(seen.Finished.Usage.InputTokens - 1, seen.Finished.Usage.CachedTokens);
    }

    private static object[] Messages(string asked, string beginning) => [Talk.User(asked), new { role = "assistant", content = beginning }];

    private static Task<BackendAnswer> AskAsync(
        Talk talk, Samovar.Chains.ChainNode? parent, string asked, string beginning, object[]? tools = null) =>
        talk.AskAsync(
            parent, Talk.Request(new { input = Messages(asked, beginning), tools = tools ?? [] }) with { ContinuesAnswer = true });
}
