using System.Text;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>A turn under a costly grammar beside one without: only the one with the grammar waits, or ends.</summary>
public sealed class GrammarNeighbourTests
{
    private const int NeighbourTokens = 400;

    // Sixty lengths at once, and no two letters alike to all of them: the walk over the vocabulary takes many small rounds.
    private static readonly string Costly = "root ::= (word \" \")+\nword ::= "
        + string.Join(" | ", Enumerable.Range(2, 59).Select(length =>
            FormattableString.Invariant($"[{(char)('a' + length % 13)}-{(char)('z' - length % 12)}]{{{length}}}")));

    public static TheoryData<string> Hostile() => new()
    {
        "(word other){2}\nword ::= " + Lengths(900) + "\nother ::= " + Lengths(900),
        "(part{7,300} part{9,300}){11,300}\npart ::= ([a-z]{1,3} | [a-z]{2,4} | [a-y]{3,5} | [b-z]{1,9}){2,90}",
    };

    private static string Lengths(int most) => string.Join(
        " | ", Enumerable.Range(2, most - 1).Select(length => FormattableString.Invariant($"[a-z]{{{length}}}")));

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task HostileTurn_EndsAlone(string rule)
    {
        await using var engine = EngineLab.Start(options => options.GrammarStepsPerRound = 40_000);
        var random = new Random(1);
        var neighbour = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(random, 20), NeighbourTokens, scope: "b"));
        var (end, _) = await EngineLab.RunAsync(engine, Spec(random, "root ::= [a-z]{60} " + rule, 500));
        Assert.Equal(EngineTurnEndKind.Failed, end.Kind);
        Assert.Contains("grammar", end.GrammarFault, StringComparison.Ordinal);
        var (other, steps) = await EngineLab.ReadAsync(neighbour);
        Assert.Equal((EngineTurnEndKind.OutputLimit, NeighbourTokens), (other.Kind, steps.Count));
        Assert.Equal(0, engine.Counters.TurnsRunning);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task TurnWhoseGrammarNobodyDemands_GoesOnWithoutIt(string rule)
    {
        await using var engine = EngineLab.Start(options => options.GrammarStepsPerRound = 40_000);
        var spec = Spec(new Random(1), "root ::= [a-z]{60} " + rule, 500);
        var sampling = spec.Sampling with { IsGrammarDemanded = false, LogitBias = EngineLab.NoEnd };
        var (end, steps) = await EngineLab.RunAsync(engine, spec with { Sampling = sampling });
        Assert.Equal((EngineTurnEndKind.OutputLimit, 500, (string?)null), (end.Kind, steps.Count, end.GrammarFault));
        Assert.Matches("^[a-z]{60}", string.Concat( // it was held as long as it could be
            steps.Select(step => System.Text.Encoding.Latin1.GetString(engine.Tokenizer.Piece(step.Token, special: true).Span))));
    }

    [Fact]
    public async Task HostileGrammar_IsRefused_BeforeItRuns()
    {
        await using var engine = EngineLab.Start();
        var spec = Spec(new Random(1), "root ::= (word other){2}\nword ::= " + Lengths(900) + "\nother ::= " + Lengths(900), 10);
        var prepared = Assert.IsType<EngineAdmission.BadGrammar>(
            await engine.PrepareAsync(spec.Sampling, spec.Flow, TestContext.Current.CancellationToken));
        Assert.Contains("too many ways", prepared.Reason, StringComparison.Ordinal);
        Assert.Equal(prepared, engine.Begin(spec));
    }

    [Fact]
    public async Task Choice_GoesOnInLaterRounds_WhileTheNeighbourDecodes()
    {
        var whole = await TokensAsync(1 << 30, 60);
        Assert.Equal(0, whole.RoundsOfTheNeighbourAlone);
        var inParts = await TokensAsync(4000, 60);
        Assert.True(inParts.RoundsOfTheNeighbourAlone > 10, $"{inParts.RoundsOfTheNeighbourAlone} rounds");
        Assert.Equal(whole.Tokens, inParts.Tokens);
    }

    [Fact]
    public async Task Cancel_EndsAChoiceThatGoesOn()
    {
        await using var engine = EngineLab.Start(options =>
            (options.GrammarStepsPerRound, options.GrammarStepsPerToken) = (4000, int.MaxValue));
        var turn = EngineLab.Begin(engine, Spec(new Random(1), Costly, 1000));
        await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        turn.Cancel();
        Assert.Equal(EngineTurnEndKind.Cancelled, (await Soon.In(turn.Ended)).Kind);
    }

    private static async Task<(int[] Tokens, int RoundsOfTheNeighbourAlone)> TokensAsync(int stepsPerRound, int tokens)
    {
        await using var engine = EngineLab.Start(options => options.GrammarStepsPerRound = stepsPerRound);
        var (both, alone) = (0, 0);
        using var held = new HeldRounds(engine); // not read, the neighbour goes on for as long as its tokens have room
        var neighbour = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(new Random(2), 20), 900, scope: "b"));
        await held.Entered;
        var costly = EngineLab.Begin(engine, Spec(new Random(1), Costly, tokens));
        held.GoOn((decoded, prefilled) =>
        {
            if (decoded == 2) both++;
            else if (both > 0 && decoded == 1 && prefilled == 0 && engine.Counters.TurnsRunning == 2) alone++;
        });
        var (end, steps) = await EngineLab.ReadAsync(costly);
        Assert.Equal(EngineTurnEndKind.OutputLimit, end.Kind);
        neighbour.Cancel();
        await neighbour.Ended;
        return ([.. steps.Select(step => step.Token)], alone);
    }

    private static EngineTurnSpec Spec(Random random, string gbnf, int outputMax) =>
        EngineLab.Spec(EngineLab.Prompt(random, 20), outputMax) with
        {
            Sampling = new SamplingSettings { Temperature = 1, Seed = 7, Grammar = gbnf },
        };
}
