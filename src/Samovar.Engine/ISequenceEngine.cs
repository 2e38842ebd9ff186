using Samovar.Scheduling.Fairness;

namespace Samovar.Engine;

/// <summary>Runs token sequences on one model: prefill, decode, reuse of what is already computed. Tokens only; safe to call from any
/// thread.</summary>
public interface ISequenceEngine : IAsyncDisposable
{
    /// <summary>The loaded model's facts.</summary>
    ModelFacts Model { get; }

    /// <summary>Text to tokens and back, of the loaded model. Thread-safe.</summary>
    ITokenizer Tokenizer { get; }

    /// <summary>
    /// Has a turn's grammar compiled, in its flow's turn, so that <see cref="Begin"/> finds it; null when it is ready or not needed,
    /// else what <see cref="Begin"/> would answer.
    /// </summary>
    ValueTask<EngineAdmission?> PrepareAsync(SamplingSettings sampling, FlowId flow, CancellationToken turnCancelled) => default;

    /// <summary>Hands a turn to the engine's thread. Never blocks: a full queue or a turn that can never fit is an answer.</summary>
    EngineAdmission Begin(EngineTurnSpec spec);

    /// <summary>
    /// Where the state of pinned paths is; null where that is not known. The engine answers between two rounds: nothing waits for it.
    /// </summary>
    /// <param name="pins">Of one asker, whose paths may be compared.</param>
    /// <param name="sharedMax">Starts that are named at most.</param>
    /// <param name="sharedTokensMin">The shortest that is named.</param>
    ValueTask<EngineMap?> MapAsync(
        IReadOnlyList<SequencePin> pins, int sharedMax, int sharedTokensMin, CancellationToken caller) => default;

    /// <summary>The starts of a namespace's prompts; null where that is not known. The engine answers between two rounds.</summary>
    /// <param name="scope">The namespace.</param>
    /// <param name="kept">Those of its kept prefixes that are asked about; others' are shown as if they were nowhere.</param>
    /// <param name="startsMax">Starts that nobody asked to keep: so many of them at most.</param>
    /// <param name="tokensMin">The shortest of these.</param>
    /// <param name="caller">Who asks.</param>
    ValueTask<PrefixSurvey?> PrefixesAsync(
        string scope, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller) => default;

    /// <summary>State that outlives its memory and the process; null where there is none.</summary>
    IStateFiles? Files => null;

    /// <summary>Counters and occupancy since start, for health, metrics and proofs.</summary>
    EngineCounters Counters { get; }
}

/// <summary>What the engine says to a turn at its door.</summary>
public abstract record EngineAdmission
{
    private EngineAdmission() { }

    /// <summary>The turn is queued or runs.</summary>
    public sealed record Admitted(EngineTurn Turn) : EngineAdmission;

    /// <summary>The queue is full; worth a retry after the given time.</summary>
    public sealed record Busy(TimeSpan RetryAfter) : EngineAdmission;

    /// <summary>The prompt and its output cannot fit a stream's cells, now or later.</summary>
    public sealed record TooLong(int PromptTokens, int ContextTokens) : EngineAdmission;

    /// <summary>The grammar does not compile; the reason is for the request's author.</summary>
    public sealed record BadGrammar(string Reason) : EngineAdmission;
}
