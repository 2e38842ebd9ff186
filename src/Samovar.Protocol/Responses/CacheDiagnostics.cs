namespace Samovar.Protocol.Responses;

/// <summary><c>prompt_cache_diagnostics</c>: why the cache was hit or missed.</summary>
public abstract record CacheDiagnostics
{
    private CacheDiagnostics() { }

    /// <summary>An extension, for those who ask for it: what was reused from where, and what was not.</summary>
    public CacheDetails? Details { get; init; }

    public sealed record Hit : CacheDiagnostics;

    /// <param name="MissedTokens">Tokens of the prompt that were computed.</param>
    /// <param name="Reason">A word of <see cref="MissReasons"/>.</param>
    /// <param name="ReusableTokens">Tokens that both prompts begin with.</param>
    public sealed record Miss(int MissedTokens, string Reason, int? ReusableTokens) : CacheDiagnostics
    {
        /// <summary>Whether what differs first is a system prompt.</summary>
        public bool IsOfSystem { get; init; }
    }

    public sealed record ComparisonNotFound : CacheDiagnostics;
    public sealed record Unavailable : CacheDiagnostics;
}
