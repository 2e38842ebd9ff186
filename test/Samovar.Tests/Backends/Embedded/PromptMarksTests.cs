using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Where conversations come back to, as the renderer knows it.</summary>
public sealed class PromptMarksTests
{
    private const int Close = 8;
    private const string Rule = "Be brief and name the river that you mean.";

    private static readonly Family[] Kinds = [Families.ChatMl, Families.Reasoning, Families.Headers];

    [Theory]
    [InlineData("chatml")]
    [InlineData("reasoning")]
    [InlineData("headers")]
    public async Task Marks_AreWhatOtherPromptsHaveInCommon(string family)
    {
        var talk = New(Kinds.Single(kind => kind.Name == family));
        var (one, first) = await AskAsync(talk, null, "Where does the longest of them begin?");
        var (_, other) = await AskAsync(talk, null, "Do you know the shortest of them?");
        Assert.Equal(Common(first, other), Place(first, MarkKind.StableStart)); // another session

        var (_, next) = await AskAsync(talk, one, "And where does it end, if it ends at all?");
        var (_, fork) = await AskAsync(talk, one, "Which towns does it pass?");
        Assert.InRange(Place(next, MarkKind.QuestionStart), Common(next, fork) - Close, Common(next, fork)); // another question
        Assert.InRange(Place(next, MarkKind.QuestionEnd), Common(next, fork) + 1, next.Prompt.Length - 1); // the same one again
        Assert.InRange(next.Prompt.Length - Place(next, MarkKind.QuestionEnd), 1, 2 * Close);
    }

    [Fact]
    public async Task ToolsOutput_EndsAtAPlaceOfItsOwn()
    {
        var talk = New(Families.ChatMl);
        var tools = new[] { Talk.Function("look") };
        talk.SaysCalls(("look", "{\"a\": 1}"));
        var called = await talk.AskAsync(null, new { input = new[] { Talk.User("Look.") }, tools });
        var call = called.Items.OfType<FunctionCallItem>().Single();
        talk.Says("Seen.");
        await talk.AskAsync(called.Node, new { input = new[] { Talk.Output(call.CallId, "a house") }, tools });
        Assert.Contains(talk.Engine.Turns[^1].Marks, mark => mark.Kind == MarkKind.OutputEnd);
        Assert.DoesNotContain(talk.Engine.Turns[^1].Marks, mark => mark.Kind is MarkKind.QuestionEnd or MarkKind.QuestionStart);
    }

    [Fact]
    public async Task ModelThatIsCutAnywhere_GetsNoMarks()
    {
        var talk = new Talk(Families.ChatMl).Says("ok");
        await talk.AskAsync(null, new { input = new[] { Talk.User("Hello.") }, instructions = Rule });
        Assert.Empty(talk.Engine.Turns[^1].Marks);
    }

    private static Talk New(Family family)
    {
        var talk = new Talk(family).Says("It is the Nile.");
        talk.Engine.Model = talk.Engine.Model with { CanTruncate = false, WantsMarks = true, MemoryKind = MemoryKind.Hybrid };
        return talk;
    }

    private static async Task<(ChainNode Node, EngineTurnSpec Spec)> AskAsync(Talk talk, ChainNode? parent, string question)
    {
        var answer = await talk.AskAsync(parent, new { input = new[] { Talk.User(question) }, instructions = Rule });
        return (answer.Node, talk.Engine.Turns[^1]);
    }

    private static int Place(EngineTurnSpec spec, MarkKind kind) => spec.Marks.Single(mark => mark.Kind == kind).Position;

    private static int Common(EngineTurnSpec one, EngineTurnSpec other) =>
        one.Prompt.ToArray().AsSpan().CommonPrefixLength(other.Prompt.ToArray());
}
