using Samovar.Backends;
using Samovar.Protocol.Items;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A turn that ends early, because its user has said something meanwhile.</summary>
public sealed class EarlyEndTests
{
    public static TheoryData<string> FamilyNames => new(Families.All.Select(family => family.Name));

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task Turn_BeforeItsFirstToken_EndsWithNothing_AndGoesOnFromItsPrompt(string name)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == name)) { EndsEarlyAt = seen => seen is BackendEvent.Accepted };
        talk.Says("");
        talk.Engine.NeverEnds = true;
        var seen = await talk.AskAsync(null, new { input = "a question" });
        Assert.Equal("steered", seen.Finished.IncompleteReason);
        Assert.Empty(seen.Items);
        await AssertGoesOnAsync(talk, seen);
    }

    [Theory, MemberData(nameof(FamilyNames))]
    public async Task OpenItem_IsCutOff_AndWhatFollowsIsRenderedAsFromScratch(string name)
    {
        var talk = new Talk(Families.All.Single(one => one.Name == name)) { EndsEarlyAt = seen => seen is BackendEvent.Delta };
        talk.Says(name switch
        {
            "channels" => "<|channel|>final<|message|>half an answer",
            "alternating" => " half an answer", // as its template writes it
            _ => "half an answer",
        });
        (talk.Engine.EndsWith, talk.Engine.NeverEnds) = (null, true);
        var seen = await talk.AskAsync(null, new { input = "a question" });
        Assert.Equal("steered", seen.Finished.IncompleteReason);
        Assert.DoesNotContain(seen.Events, reported => reported is BackendEvent.ItemDone); // the item is open: it is incomplete
        Assert.Equal("half an answer", seen.Text<BackendEvent.MessageStarted>().Trim());
        await AssertGoesOnAsync(talk, seen);
    }

    [Fact]
    public async Task NextItem_DoesNotBegin()
    {
        var family = Families.All.Single(one => one.Name == "reasoning");
        var talk = new Talk(family) { EndsEarlyAt = seen => seen is BackendEvent.ItemDone };
        talk.Says(family.Thinks("a thought", "an answer"));
        var seen = await talk.AskAsync(null, new { input = "a question" });
        Assert.Equal("steered", seen.Finished.IncompleteReason);
        Assert.IsType<ReasoningItem>(Assert.Single(seen.Items));
        await AssertGoesOnAsync(talk, seen);
    }

    [Fact]
    public async Task TurnThatIsOver_IsOver()
    {
        var talk = new Talk(Families.ChatMl) { EndsEarlyAt = seen => seen is BackendEvent.Delta };
        talk.Says("an answer");
        var seen = await talk.AskAsync(null, new { input = "a question" });
        Assert.Null(seen.Finished.IncompleteReason);
        Assert.Equal(0, talk.Engine.PinsHeld - 1);
    }

    private static async Task AssertGoesOnAsync(Talk talk, BackendAnswer seen)
    {
        (talk.EndsEarlyAt, talk.Engine.NeverEnds) = (null, false);
        talk.Says("ok");
        var body = new { input = "other words" };
        var next = await talk.AskAsync(seen.Node, body);
        Assert.Null(next.Finished.IncompleteReason);
        Assert.Equal(talk.Text(talk.Plan(Talk.Cold(seen.Node), body)), talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()));
        Assert.Contains("other words", talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()), StringComparison.Ordinal);
    }
}
