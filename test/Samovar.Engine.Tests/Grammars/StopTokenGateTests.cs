using System.Numerics;
using Samovar.Engine.Grammars;
using Samovar.Testing.Engines;
using Samovar.Testing.Grammars;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>For grammars by chance: a stop token is an end, whatever its text, and to all other tokens it makes no difference.</summary>
public sealed class StopTokenGateTests
{
    private const int StatesMax = 12;
    private static readonly FakeTokenizer Vocabulary =
        new([new FakeSpecial("<|end|>", EndsTurn: true), new FakeSpecial("<|stop|>"), new FakeSpecial("ab", IsWord: true)]);

    private static readonly int[] Stops =
        ['b', 'x', '{', Vocabulary.TokenOf("<|stop|>"), Vocabulary.TokenOf("ab"), Vocabulary.TokenOf("<|end|>"), -1, 1 << 20];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void StopToken_MayCome_WhereTheTextMayEnd_OrIsWholeWithIt(int seed)
    {
        var random = new Random(seed);
        var samples = new GrammarSamples(random);
        var seen = new Seen();
        for (var round = 0; round < 60; round++)
            try
            {
                Follow(Compiled(samples.Ordinary()), random, seen);
            }
            catch (GrammarFaultException)
            {
                // it costs too much, with stop tokens and without
            }
        Assert.True(seen is { States: > 100, Ending: > 50, Spelled: > 10, Refused: > 50 },
            $"{seen.States}: {seen.Ending}, {seen.Spelled}, {seen.Refused}");
    }

    private static void Follow(CompiledGrammar grammar, Random random, Seen seen)
    {
        var (plain, gate) = (new GrammarGate(grammar, null, []), new GrammarGate(grammar, null, Stops));
        var state = grammar.Learned.Start(null, Many());
        for (var at = 0; at < StatesMax; at++, seen.States++)
        {
            var (known, mask) = (MaskOf(plain, Many), MaskOf(gate, Few));
            for (var token = 0; token < Vocabulary.VocabularySize; token++)
            {
                var isAdmitted = IsIn(known, token);
                var isWhole = isAdmitted && Behind(grammar, state, token).MayEnd;
                var isStop = Stops.Contains(token) && !Vocabulary.IsEndOfGeneration(token);
                var expected = isStop ? state.MayEnd || isWhole : isAdmitted;
                Assert.Equal((token, expected), (token, IsIn(mask, token)));
                Assert.Equal((token, expected), (token, Judged(gate, token) == GateAnswer.Allowed));
                if (!isStop) continue;
                if (state.MayEnd) seen.Ending++;
                else if (isWhole) seen.Spelled++;
                else if (isAdmitted) seen.Refused++;
            }
            if (Next(random, known) is not { } taken) return;
            foreach (var one in (GrammarGate[])[plain, gate])
            {
                Assert.Equal(GateAnswer.Allowed, Judged(one, taken));
                one.Accept();
            }
            state = Behind(grammar, state, taken);
        }
    }

    [Fact]
    public void StopToken_EndsALazyGrammarsText_UntilThatBinds()
    {
        var gate = new GrammarGate(Compiled("root ::= \"{\" [a-z]* \"}\"", new GrammarTriggers(["{"])), null, ['x']);
        Assert.Equal(GateAnswer.Allowed, Judged(gate, 'x'));
        foreach (var token in "hm {a")
        {
            Assert.Equal(GateAnswer.Allowed, Judged(gate, token));
            gate.Accept();
        }
        Assert.Equal(GateAnswer.Refused, Judged(gate, 'x'));
        Assert.False(IsIn(MaskOf(gate, Many), 'x'));
        Assert.Equal(GateAnswer.Allowed, Judged(gate, '}'));
        gate.Accept();
        Assert.Equal(GateAnswer.Allowed, Judged(gate, 'x'));
        var mask = MaskOf(gate, Many);
        Assert.Equal((2, true), (mask.Sum(BitOperations.PopCount), IsIn(mask, 'x'))); // it and the vocabulary's own end
    }

    private static CompiledGrammar Compiled(string gbnf, GrammarTriggers? triggers = null) =>
        new GrammarCompiler(Vocabulary, new EngineOptions())
            .Compile(gbnf, triggers ?? GrammarTriggers.None, TestContext.Current.CancellationToken);

    /// <summary>Any token with which a turn goes on; null where there is none.</summary>
    private static int? Next(Random random, ulong[] known)
    {
        var open = Enumerable.Range(0, Vocabulary.VocabularySize)
            .Where(token => IsIn(known, token) && !Stops.Contains(token)).ToArray();
        return open.Length == 0 ? null : open[random.Next(open.Length)];
    }

    private static LiveState Behind(CompiledGrammar grammar, LiveState state, int token)
    {
        if (Vocabulary.IsEndOfGeneration(token)) return state;
        foreach (var one in Vocabulary.Piece(token, special: true).Span) state = grammar.Learned.Next(state, one, Many());
        return state;
    }

    private static GateAnswer Judged(GrammarGate gate, int token)
    {
        GateAnswer answer;
        while ((answer = gate.Judge(token, Few())) == GateAnswer.Unfinished) { }
        return answer;
    }

    private static ulong[] MaskOf(GrammarGate gate, Func<StepAllowance> steps)
    {
        gate.Judge(-1, Many());
        ulong[]? mask;
        while ((mask = gate.Mask(steps())) is null) { }
        return mask;
    }

    private static StepAllowance Many() => new(int.MaxValue);

    private static StepAllowance Few() => new(2);

    private static bool IsIn(ulong[] mask, int token) => (mask[token >> 6] >> (token & 63) & 1) != 0;

    /// <summary>How often each case was seen.</summary>
    private sealed class Seen
    {
        public int States { get; set; }
        public int Ending { get; set; }
        public int Spelled { get; set; }
        public int Refused { get; set; }
    }
}
