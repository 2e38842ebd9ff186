using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Engines.Talks;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>However a client comes back, and whatever the model remembers by, only what is new is computed, and what is said is what is
/// said cold.</summary>
/// <remarks><c>ALL_KINDS=1 dotnet Samovar.Engine.Tests.dll -class '*KindScenarioTests'</c> plays all ten kinds, not one of each
/// memory, in the lengths of the benchmarks' table.</remarks>
public sealed class KindScenarioTests(ColdEngines cold, ITestOutputHelper output) : IClassFixture<ColdEngines>
{
    private const int Slack = 16, Close = 8; // of two places that are so near each other the first one is kept
    private static readonly TalkSizes Sizes = KindLab.PlaysAll ? TalkSizes.Tables : TalkSizes.Small;
    private static readonly int WindowShare = KindLab.PlaysAll ? 1 : KindLab.ShortWindows;

    public static MatrixTheoryData<string, string> Cases => new(KindLab.OneOfEach, TalkScenario.All.Select(scenario => scenario.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ReturningClient_PaysForWhatIsNew(string architecture, string name)
    {
        ExactLab.NeedEqualSums("f16");
        await using var engine = KindLab.StartExact(
            architecture, options => (options.Streams, options.ParkedBytesMax) = (3, 1L << 30), WindowShare);
        var stage = new TalkStage(engine, Sizes, seed: 3);
        using var held = name == TalkScenario.AtOnce ? new HeldRounds(engine) : null; // until all six have begun
        var playing = TalkScenario.All.First(scenario => scenario.Name == name).Play(stage);
        held?.GoOn();
        var counted = await playing;
        var (prefilled, most) = (counted.Sum(turn => turn.Prefilled), counted.Sum(turn => MostOf(name, turn)));
        output.WriteLine($"{architecture}, {name}: {counted.Sum(turn => turn.Cached)}/{prefilled}, at most {most:0}");
        foreach (var turn in stage.Turns) output.WriteLine("  " + turn);
        foreach (var turn in counted)
            await cold.CompareAsync(architecture, turn, isBeside: name == TalkScenario.AtOnce, WindowShare);
        EngineAudit.Check(engine);
        Assert.InRange(prefilled, 0, most);
    }

    /// <summary>Tokens that may be computed for a turn of a scenario.</summary>
    private static double MostOf(string scenario, TalkTurn turn) => scenario switch
    {
        TalkScenario.TwelveTurns => 1.05 * turn.New,
        TalkScenario.SecondSession or TalkScenario.AtOnce => turn.Prompt.Length - 0.95 * turn.Point.StableEnd,
        TalkScenario.Edit or TalkScenario.EditFar => 2 * turn.New + Close,
        TalkScenario.HistoryResent => turn.New + Sizes.Answer + Slack,
        TalkScenario.ThoughtsStripped or TalkScenario.ToolLoop => 1.1 * turn.New,
        _ => turn.New + Slack,
    };
}
