using System.Security.Cryptography;
using System.Text;
using Samovar.Engine.Native;

namespace Samovar.Engine.Sampling;

/// <summary>One turn's way to choose tokens: libllama's samplers, and apart from them the grammar.</summary>
/// <remarks>
/// The chain chooses first and the grammar judges that one token; only when it refuses are all candidates put through the grammar and
/// chosen from again. The distribution is the same as with the grammar in front, the cost per token a fraction.
/// </remarks>
internal sealed unsafe class SamplerChain : IDisposable
{
    private const int PenaltyTokens = 4096;
    private readonly bool _isPlainGreedy;
    private nint _chain;
    private nint _grammar;

    private SamplerChain(nint vocab, int vocabularySize, SamplingSettings settings)
    {
        _isPlainGreedy = settings.Temperature <= 0 && settings.LogitBias is not { Count: > 0 } && !HasPenalties(settings);
        _chain = SamplerCalls.llama_sampler_chain_init(new SamplerChainParams { NoPerf = 1 });
        AddBias(vocabularySize, settings.LogitBias);
        if (HasPenalties(settings))
            Add(SamplerCalls.llama_sampler_init_penalties(vocabularySize, PenaltyTokens, settings.RepeatPenalty,
                settings.FrequencyPenalty, settings.PresencePenalty));
        if (settings.Temperature <= 0)
            Add(SamplerCalls.llama_sampler_init_greedy());
        else
            AddChance(settings);
        if (settings.Grammar is { } grammar) _grammar = MakeGrammar(vocab, grammar, settings.GrammarTriggers);
    }

    /// <summary>Makes a chain; where the grammar does not compile, says why.</summary>
    public static SamplerChain? TryMake(nint vocab, int vocabularySize, SamplingSettings settings, out string reason)
    {
        LlamaLibrary.TakeError();
        var chain = new SamplerChain(vocab, vocabularySize, settings);
        reason = "";
        if (settings.Grammar is null || chain._grammar != 0) return chain;
        chain.Dispose();
        reason = LlamaLibrary.TakeError() is { Length: > 0 } error ? error : "The grammar does not compile.";
        return null;
    }

    /// <summary>Chooses a token and remembers it; −1 when the grammar leaves none.</summary>
    public int Sample(ReadOnlySpan<float> logits, CandidateBuffer candidates)
    {
        var token = _isPlainGreedy ? Largest(logits) : Choose(logits, candidates, withGrammar: false);
        if (_grammar != 0 && !Allows(token)) token = Choose(logits, candidates, withGrammar: true);
        return token;
    }

    /// <summary>Tells the samplers which token was taken; not for one that ends the turn.</summary>
    public void Accept(int token)
    {
        if (!_isPlainGreedy) SamplerCalls.llama_sampler_accept(_chain, token);
        if (_grammar != 0) SamplerCalls.llama_sampler_accept(_grammar, token);
    }

    public void Dispose()
    {
        if (_chain != 0) SamplerCalls.llama_sampler_free(_chain);
        if (_grammar != 0) SamplerCalls.llama_sampler_free(_grammar);
        (_chain, _grammar) = (0, 0);
    }

    private static bool HasPenalties(SamplingSettings settings) =>
        settings.PresencePenalty != 0 || settings.FrequencyPenalty != 0 || settings.RepeatPenalty is > 0 and not 1;

    private static int Largest(ReadOnlySpan<float> logits)
    {
        var (best, logit) = (-1, float.NegativeInfinity);
        for (var token = 0; token < logits.Length; token++)
            if (logits[token] > logit) (best, logit) = (token, logits[token]);
        return best;
    }

    private int Choose(ReadOnlySpan<float> logits, CandidateBuffer candidates, bool withGrammar)
    {
        var array = candidates.Fill(logits);
        if (withGrammar)
        {
            SamplerCalls.llama_sampler_apply(_grammar, &array);
            if (!CandidateBuffer.KeepPossible(ref array)) return -1;
        }
        SamplerCalls.llama_sampler_apply(_chain, &array);
        return array.Selected >= 0 && array.Selected < (long)array.Size ? array.Data[array.Selected].Token : -1;
    }

    private bool Allows(int token)
    {
        var only = new CandidateData { Token = token, Logit = 1 };
        var array = new CandidateArray { Data = &only, Size = 1, Selected = -1 };
        if (token < 0) return false;
        SamplerCalls.llama_sampler_apply(_grammar, &array);
        return !float.IsNegativeInfinity(only.Logit);
    }

    private void Add(nint sampler) => SamplerCalls.llama_sampler_chain_add(_chain, sampler);

    // The order is the API's: temperature shapes the distribution, the cuts act on the shaped one.
    private void AddChance(SamplingSettings settings)
    {
        if (settings.Temperature != 1) Add(SamplerCalls.llama_sampler_init_temp(settings.Temperature));
        if (settings.TopK > 0) Add(SamplerCalls.llama_sampler_init_top_k(settings.TopK));
        if (settings.TopP < 1) Add(SamplerCalls.llama_sampler_init_top_p(settings.TopP, 1));
        if (settings.MinP > 0) Add(SamplerCalls.llama_sampler_init_min_p(settings.MinP, 1));
        Add(SamplerCalls.llama_sampler_init_dist(settings.Seed ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue)));
    }

    private void AddBias(int vocabularySize, IReadOnlyDictionary<int, float>? biases)
    {
        if (biases is not { Count: > 0 }) return;
        var native = biases.Where(bias => bias.Key >= 0 && bias.Key < vocabularySize)
            .Select(bias => new LogitBias { Token = bias.Key, Bias = bias.Value }).ToArray();
        fixed (LogitBias* first = native) Add(SamplerCalls.llama_sampler_init_logit_bias(vocabularySize, native.Length, first));
    }

    private static nint MakeGrammar(nint vocab, string grammar, IReadOnlyList<string> triggers)
    {
        if (string.IsNullOrWhiteSpace(grammar) || grammar.Contains('\0')) return 0;
        using var text = new Utf8Text(grammar);
        using var root = new Utf8Text("root");
        if (triggers.Count == 0) return SamplerCalls.llama_sampler_init_grammar(vocab, text.Pointer, root.Pointer);
        var patterns = triggers.Select(trigger => new Utf8Text(Escape(trigger))).ToArray();
        var pointers = new nint[patterns.Length];
        for (var index = 0; index < patterns.Length; index++) pointers[index] = (nint)patterns[index].Pointer;
        try
        {
            fixed (nint* first = pointers)
                return SamplerCalls.llama_sampler_init_grammar_lazy_patterns(
                    vocab, text.Pointer, root.Pointer, (byte**)first, (nuint)pointers.Length, null, 0);
        }
        finally
        {
            foreach (var pattern in patterns) pattern.Dispose();
        }
    }

    // A trigger is a plain text; what libllama takes is an ECMAScript pattern.
    private static string Escape(string trigger)
    {
        var pattern = new StringBuilder();
        foreach (var letter in trigger)
        {
            if (@"\^$.|?*+()[]{}".Contains(letter)) pattern.Append('\\');
            pattern.Append(letter);
        }
        return pattern.ToString();
    }
}
