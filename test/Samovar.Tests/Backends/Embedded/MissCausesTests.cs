using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What a record's <c>miss</c> says: only that tokens were computed again which the chain had.</summary>
public sealed class MissCausesTests
{
    /// <summary>Codex's first turn: the warm-up's instructions are not its own, and yet all but one of its tokens are used.</summary>
    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(1, 4, null)]
    [InlineData(1, 40, MissReasons.Evicted)] // they were there to be used, whatever else has changed
    [InlineData(40, 40, MissReasons.Instructions)]
    public async Task FirstTurnBehindAWarmUp_MissesOnlyWhatIsComputedAgain(int changed, int notCached, string? expected)
    {
        var talk = new Talk(Families.ChatMl);
        var warm = await talk.AskAsync(null, Talk.Request(new { instructions = new string('r', 100), input = Array.Empty<object>() })
            with { Generate = false });
        var turn = talk.Turn(warm.Node, Talk.Request(new { instructions = new string('r', 100), input = new[] { Talk.User("hello") } }));
        var had = warm.State.Path.Length;
        var plan = talk.Backend.Model.Planner.Plan(turn, CancellationToken.None)
            with { Shared = had - changed, MissReason = MissReasons.Instructions };
        Assert.Equal(expected, MissCauses.Of(turn, plan, End(plan, had - notCached)));
    }

    [Fact]
    public async Task ChainsTurn_ThatFindsNothing_SaysWhatTookItAway()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        var first = await talk.AskAsync(null, new { input = new[] { Talk.User("hello") } });
        var turn = talk.Turn(first.Node, Talk.Request(new { input = new[] { Talk.User("more") } }));
        var plan = talk.Backend.Model.Planner.Plan(turn, CancellationToken.None);
        Assert.Null(MissCauses.Of(turn, plan, End(plan, first.State.Path.Length - 1)));
        Assert.Equal(MissReasons.Evicted, MissCauses.Of(turn, plan, End(plan, 0)));
        Assert.Equal(MissReasons.Taken, MissCauses.Of(turn with { TakenOver = "dead" }, plan, End(plan, 0)));
        Assert.Null(MissCauses.Of(turn with { TakenOver = "dead" }, plan, End(plan, first.State.Path.Length - 1)));
    }

    private static EngineTurnEnd End(PromptPlan plan, int cached) => new()
    {
        Kind = EngineTurnEndKind.EndOfGeneration, CachedTokens = cached, PrefilledTokens = plan.Path.Length - cached, OutputTokens = 1,
        Path = plan.Path,
    };
}
