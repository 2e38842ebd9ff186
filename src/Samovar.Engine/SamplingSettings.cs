namespace Samovar.Engine;

/// <summary>How a turn's tokens are chosen. The defaults are the API's: temperature 1, top_p 1.</summary>
public sealed record SamplingSettings
{
    /// <summary>Tokens of the answer so far, the newest, that penalties look at; the prompt's are none of them.</summary>
    public const int PenaltyTokens = 4096;

    /// <summary>0 is greedy.</summary>
    public float Temperature { get; init; } = 1f;
    public float TopP { get; init; } = 1f;
    public int TopK { get; init; }
    public float MinP { get; init; }
    public float PresencePenalty { get; init; }
    public float FrequencyPenalty { get; init; }

    /// <summary>What logits of tokens that the answer has are divided by, negative ones multiplied; 0 and 1 are none.</summary>
    public float RepeatPenalty { get; init; } = 1f;

    /// <summary>How many of the answer's newest tokens the repeat penalty is for: <see cref="PenaltyTokens"/> at most.</summary>
    public int RepeatTokens { get; init; } = PenaltyTokens;
    public uint? Seed { get; init; }

    /// <summary>Added to the logits of these tokens before anything else.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>GBNF with a rule named <c>root</c>; null lets the model speak freely.</summary>
    public string? Grammar { get; init; }

    /// <summary>With a grammar: where it begins to bind (a lazy grammar).</summary>
    public GrammarTriggers GrammarTriggers { get; init; } = GrammarTriggers.None;

    /// <summary>Whether a turn whose grammar cannot be followed ends; else it goes on without.</summary>
    public bool IsGrammarDemanded { get; init; } = true;

    /// <summary>What is not written, whatever else is chosen; null for nothing.</summary>
    public ForbiddenTexts? Forbidden { get; init; }

    /// <summary>0 to 20 most likely tokens to report with each step; null reports no log-probabilities.</summary>
    public int? TopLogprobs { get; init; }
}
