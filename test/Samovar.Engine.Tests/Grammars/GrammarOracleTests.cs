using System.Buffers;
using System.Text;
using Samovar.Engine.Grammars;
using Samovar.Engine.Native;
using Samovar.Engine.Tokens;
using Samovar.Testing.Grammars;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>For grammars by chance: after every token exactly those may come next that libllama admits.</summary>
public sealed class GrammarOracleTests
{
    private const int TokensMax = 24;
    private const double WaysMax = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mask_IsLibllamas_AfterEveryToken(int seed)
    {
        using var model = EngineLab.LoadModel();
        var (tokenizer, random) = (new Tokenizer(model.Vocabulary, new UseGate("test"), words: null), new Random(seed));
        var tree = new VocabularyTree(tokenizer);
        var (samples, compared) = (new GrammarSamples(random), 0);
        for (var round = 0; round < 120; round++)
        {
            var gbnf = samples.Ordinary();
            using var known = new LlamaGrammar(model.Vocabulary, tokenizer.VocabularySize, gbnf);
            if (Compiled(tokenizer, tree, gbnf) is not { } grammar)
            {
                Assert.False(known.IsCompiled, "refused: " + gbnf);
                continue;
            }
            if (!known.IsCompiled) continue; // libllama refuses more: sums of counts, for one
            compared += Compare(grammar, known, tokenizer, random, gbnf);
        }
        Assert.True(compared > 500, $"only {compared} states were compared");
    }

    private static CompiledGrammar? Compiled(Tokenizer tokenizer, VocabularyTree tree, string gbnf)
    {
        try
        {
            var bounds = GrammarBounds.Of(new EngineOptions());
            var program = ProgramBuilder.Build(gbnf, bounds, TestContext.Current.CancellationToken);
            return new CompiledGrammar(program, new TriggerWatch(GrammarTriggers.None), tokenizer, tree, bounds);
        }
        catch (GrammarFaultException)
        {
            return null;
        }
    }

    private static int Compare(CompiledGrammar grammar, LlamaGrammar known, Tokenizer tokenizer, Random random, string gbnf)
    {
        var (gate, written) = (new GrammarGate(grammar, null, []), new List<byte>());
        for (var tokens = 0; tokens < TokensMax; tokens++)
        {
            var steps = new StepAllowance(int.MaxValue);
            if (Ways(grammar.Learned, written) > WaysMax) return tokens;
            gate.Judge(-1, steps);
            var (mask, allowed) = (gate.Mask(steps)!, known.Allowed());
            for (var token = 0; token < allowed.Length; token++)
            {
                // libllama lets bytes pass that no UTF-8 has where a class is open upwards
                var isOurs = (mask[token >> 6] >> (token & 63) & 1) != 0;
                if (allowed[token] && !isOurs) allowed[token] = IsUtf8([.. written, .. tokenizer.Piece(token, special: true).Span]);
                Assert.True(allowed[token] == isOurs, $"token {token} after '{Encoding.UTF8.GetString([.. written])}' in {gbnf}");
            }
            var next = Enumerable.Range(0, allowed.Length).Where(token => allowed[token]).ToArray();
            if (next.Length == 0) return tokens + 1;
            var taken = next[random.Next(next.Length)];
            Assert.Equal(GateAnswer.Allowed, gate.Judge(taken, steps));
            if (tokenizer.IsEndOfGeneration(taken)) return tokens + 1; // the turn ends
            written.AddRange(tokenizer.Piece(taken, special: true).Span);
            gate.Accept();
            known.Accept(taken);
        }
        return TokensMax;
    }

    /// <summary>How many stacks libllama follows here, each for itself: with very many it does not come back.</summary>
    private static double Ways(LearnedStates learned, List<byte> written)
    {
        var state = learned.Start(null, new StepAllowance(0));
        foreach (var one in written) state = learned.Next(state, one, new StepAllowance(0));
        var known = new Dictionary<StackSet, double>(ReferenceEqualityComparer.Instance);
        return state.Stacks.Sum(Of);

        double Of(StackSet set) => set.Frames.Length == 0 ? 1
            : known.TryGetValue(set, out var ways) ? ways : known[set] = set.Below.Sum(Of);
    }

    /// <summary>Whether the bytes are UTF-8, perhaps with the beginning of one more character.</summary>
    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out _, out var length);
            if (status != OperationStatus.Done) return status == OperationStatus.NeedMoreData;
            bytes = bytes[length..];
        }
        return true;
    }
}
