using Samovar.Scheduling.Fairness;

namespace Samovar.Engine;

/// <summary>One turn's work in tokens.</summary>
public sealed record EngineTurnSpec
{
    /// <summary>Who may share computed state with whom: tenant (and adapter). State never crosses namespaces.</summary>
    public required string Namespace { get; init; }

    /// <summary>Whose share of places and turns it takes; default: the namespace's own.</summary>
    public FlowId Flow { get => field.Value is null ? new FlowId(Namespace) : field; init; }

    /// <summary>The whole context in tokens.</summary>
    public required TokenPath Prompt { get; init; }

    /// <summary>What an earlier turn of this chain left; only a shortcut: with it the lookup costs the delta, without it the result is the
    /// same.</summary>
    public SequencePin? ContinueFrom { get; init; }

    /// <summary>Most tokens to sample. 0 computes the prompt and samples nothing (a warm-up).</summary>
    public int OutputTokensMax { get; init; } = int.MaxValue;

    /// <summary>How the next token is chosen.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Places of the prompt that are worth keeping, where the model's memory does not let any place be had again; in their
    /// order.</summary>
    public IReadOnlyList<PromptMark> Marks { get; init; } = [];

    /// <summary>Tokens that end the turn besides the model's own end-of-generation tokens; with a grammar, where its text may end, or is
    /// whole with the token.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Whether the state of its tokens may be written to a disk; where not, only what a turn that may has in common with it
    /// is.</summary>
    public bool IsStored { get; init; }

    /// <summary>The stored response that its state is kept for: when that is deleted, so is what nobody else needs. Null: it is nobody's
    /// alone, and stays until room is needed.</summary>
    public string? StoredAs { get; init; }

    /// <summary>The stored response that <see cref="StoredAs"/> goes on from, and whose state it needs.</summary>
    public string? StoredBehind { get; init; }

    /// <summary>
    /// What prefixes may take that are kept, where the whole prompt is one that is to be kept (a warm-up); null where it is not.
    /// </summary>
    public PrefixRoom? Keeps { get; init; }

    /// <summary>
    /// Whether nobody waits for it: its chunks are short, so that it can be ended soon, and it counts in no figure of turns.
    /// </summary>
    public bool IsBackground { get; init; }

    /// <summary>Most stretches of its time that are noted (<see cref="EngineTurnEnd.Spans"/>). 0: none.</summary>
    public int SpansMax { get; init; }
}
