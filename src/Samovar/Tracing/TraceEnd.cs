namespace Samovar.Tracing;

/// <summary>How a turn ended, and what it cost.</summary>
/// <param name="Outcome">As the request log names it.</param>
/// <param name="Error">The error's code.</param>
internal sealed record TraceEnd(string Outcome, string? Error, int InputTokens, int CachedTokens, int OutputTokens)
{
    /// <summary>Why the cache was missed; null where it was not.</summary>
    public string? Miss { get; init; }

    /// <summary>How its chain came to this node for it; null where it was here.</summary>
    public ChainTakeover? Taken { get; init; }

    /// <summary>How often a reader came back to it before that.</summary>
    public int Resumes { get; init; }
}
