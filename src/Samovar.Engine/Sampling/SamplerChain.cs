using System.Security.Cryptography;
using Samovar.Engine.Drafting;
using Samovar.Engine.Grammars;
using Samovar.Engine.Native;

namespace Samovar.Engine.Sampling;

/// <summary>One turn's way to choose tokens: libllama's samplers, and apart from them the grammar and the texts that are
/// forbidden.</summary>
/// <remarks>
/// The chain chooses first and that one token is judged; only when it is refused are the tokens that may come found and chosen
/// from. The distribution is the same as with the grammar in front, the cost per token a fraction. A grammar that needs more steps than
/// its allowance leaves the choice open: the turn keeps its logits and goes on in a later round.
/// </remarks>
internal sealed unsafe class SamplerChain : IDisposable
{
    private const float DivisorMin = 1e-4f; // logits that are divided by less are no numbers any more
    private readonly bool _isPlainGreedy;
    private readonly (int Token, float Bias)[] _biases;
    private readonly GrammarUse? _grammar;
    private GrammarGate? _gate;
    private readonly TextBanGate? _ban;
    private nint _chain;
    private OpenChoice? _open;

    /// <param name="vocabularySize">Tokens that the model knows.</param>
    /// <param name="settings">How the turn chooses.</param>
    /// <param name="grammar">Is given back with the chain.</param>
    /// <param name="ban">What is forbidden.</param>
    /// <param name="stopTokens">Tokens that end the turn besides the model's own ends.</param>
    public SamplerChain(int vocabularySize, SamplingSettings settings, GrammarUse? grammar, TextBanGate? ban = null,
        IReadOnlyList<int>? stopTokens = null)
    {
        _ban = ban;
        var (isGreedy, repeat) = (settings.Temperature < DivisorMin, RepeatPenalty(settings));
        var hasPenalties = repeat != 1 || settings.PresencePenalty != 0 || settings.FrequencyPenalty != 0;
        _isPlainGreedy = isGreedy && settings.LogitBias is not { Count: > 0 } && !hasPenalties;
        _biases = BiasesOf(settings.LogitBias, vocabularySize);
        _chain = SamplerCalls.llama_sampler_chain_init(new SamplerChainParams { NoPerf = 1 });
        if (hasPenalties) AddPenalties(vocabularySize, settings, repeat);
        if (isGreedy)
            Add(SamplerCalls.llama_sampler_init_greedy());
        else
            AddChance(settings);
        if (grammar is not null)
            (_grammar, _gate) = (grammar, new GrammarGate(grammar.Grammar, settings.GrammarTriggers.Begun, stopTokens ?? []));
    }

    /// <summary>The logits of a choice that is still open; null between choices.</summary>
    public float[]? OpenLogits => _open?.Logits;

    /// <summary>Chooses a token; −1 when the grammar leaves none, null when the allowance was spent first.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public int? Sample(ReadOnlySpan<float> logits, CandidateBuffer candidates, StepAllowance steps)
    {
        var open = _open;
        _open = null;
        var drawn = open?.Drawn ?? (_isPlainGreedy ? Largest(logits) : Choose(candidates.Fill(logits, _biases)));
        if (drawn < 0 && open is null) throw new InvalidOperationException("The model's logits have no token to choose.");
        if (_gate is null && _ban is null) return drawn;
        var isMasked = open?.IsMasked ?? false;
        var answer = Judge(drawn, isMasked, steps);
        if (answer == GateAnswer.Refused && !isMasked)
        {
            if (Mask(steps) is not { } mask) return Keep(open, logits, drawn, isMasked: false);
            (drawn, isMasked) = (Choose(candidates.Fill(logits, mask, _biases)), true);
            answer = Judge(drawn, isMasked, steps);
        }
        return answer switch
        {
            GateAnswer.Allowed => drawn,
            GateAnswer.Refused => -1,
            _ => Keep(open, logits, drawn, isMasked),
        };
    }

    /// <summary>Reports to the samplers which token was taken; not for one that ends the turn.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public void Accept(int token)
    {
        _gate?.Accept(); // first, since it may have a fault
        if (!_isPlainGreedy) SamplerCalls.llama_sampler_accept(_chain, token);
        _ban?.Accept(token);
    }

    /// <summary>Makes a draft what the grammar demands and admits, as far as the allowance shows; its tokens then.</summary>
    public int Shape(DraftText draft, StepAllowance steps) => _gate?.Shape(draft, steps) ?? draft.Found;

    /// <summary>From here on tokens are chosen without the grammar.</summary>
    public void LeaveGrammar() => (_gate, _open) = (null, null);

    public void Dispose()
    {
        if (_chain != 0) SamplerCalls.llama_sampler_free(_chain);
        (_chain, _open) = (0, null);
        _grammar?.Dispose();
    }

    /// <summary>What is forbidden is out of a mask already, unless the grammar left nothing else.</summary>
    private GateAnswer Judge(int drawn, bool isMasked, StepAllowance steps)
    {
        var answer = _gate?.Judge(drawn, steps) ?? (drawn < 0 ? GateAnswer.Refused : GateAnswer.Allowed);
        return answer == GateAnswer.Allowed && !isMasked && _ban?.Refuses(drawn) == true ? GateAnswer.Refused : answer;
    }

    /// <summary>The tokens that may come next; null where the allowance was spent first.</summary>
    private ulong[]? Mask(StepAllowance steps)
    {
        var admitted = _gate?.Mask(steps);
        return _gate is not null && admitted is null ? null : _ban?.Narrow(admitted) ?? admitted;
    }

    private int? Keep(OpenChoice? open, ReadOnlySpan<float> logits, int drawn, bool isMasked)
    {
        _open = new OpenChoice(open?.Logits ?? logits.ToArray(), drawn, isMasked);
        return null;
    }

    /// <summary>What logits of earlier tokens are divided by; 1 for nothing.</summary>
    private static float RepeatPenalty(SamplingSettings settings) =>
        settings.RepeatPenalty < DivisorMin || settings.RepeatTokens <= 0 ? 1 : settings.RepeatPenalty;

    private static int Largest(ReadOnlySpan<float> logits)
    {
        var (best, logit) = (-1, float.NegativeInfinity);
        for (var token = 0; token < logits.Length; token++)
            if (logits[token] > logit) (best, logit) = (token, logits[token]);
        return best;
    }

    private int Choose(CandidateArray array)
    {
        if (array.Size == 0) return -1;
        SamplerCalls.llama_sampler_apply(_chain, &array);
        return array.Selected >= 0 && array.Selected < (long)array.Size ? array.Data[array.Selected].Token : -1;
    }

    private void Add(nint sampler) => SamplerCalls.llama_sampler_chain_add(_chain, sampler);

    /// <summary>A repeat penalty may look less far back than the others: then it is a sampler of its own, in front of theirs.</summary>
    private void AddPenalties(int vocabulary, SamplingSettings settings, float repeat)
    {
        const int tokens = SamplingSettings.PenaltyTokens;
        var isOwn = repeat != 1 && settings.RepeatTokens < tokens;
        if (isOwn) Add(SamplerCalls.llama_sampler_init_penalties(vocabulary, settings.RepeatTokens, repeat, 0, 0));
        if (!isOwn || settings.FrequencyPenalty != 0 || settings.PresencePenalty != 0)
            Add(SamplerCalls.llama_sampler_init_penalties(
                vocabulary, tokens, isOwn ? 1 : repeat, settings.FrequencyPenalty, settings.PresencePenalty));
    }

    // The order is the API's: temperature shapes the distribution, the cuts act on the shaped one.
    private void AddChance(SamplingSettings settings)
    {
        if (settings.Temperature != 1) Add(SamplerCalls.llama_sampler_init_temp(settings.Temperature));
        if (settings.TopK > 0) Add(SamplerCalls.llama_sampler_init_top_k(settings.TopK));
        if (settings.TopP < 1) Add(SamplerCalls.llama_sampler_init_top_p(settings.TopP, 1));
        if (settings.MinP > 0) Add(SamplerCalls.llama_sampler_init_min_p(settings.MinP, 1));
        var seed = settings.Seed is uint.MaxValue ? 0 : settings.Seed; // which means any to libllama
        Add(SamplerCalls.llama_sampler_init_dist(seed ?? (uint)RandomNumberGenerator.GetInt32(int.MaxValue)));
    }

    private static (int Token, float Bias)[] BiasesOf(IReadOnlyDictionary<int, float>? biases, int vocabularySize) =>
        biases is not { Count: > 0 } ? []
            : [.. biases.Where(bias => bias.Key >= 0 && bias.Key < vocabularySize).Select(static bias => (bias.Key, bias.Value))];

    /// <summary>A choice that goes on in a later round.</summary>
    private sealed record OpenChoice(float[] Logits, int Drawn, bool IsMasked);
}
