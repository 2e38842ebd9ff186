namespace Samovar.Bench.Workloads;

/// <summary>One side of a comparison: a running server that sessions can talk with.</summary>
internal interface IContender : IAsyncDisposable
{
    Uri BaseUrl { get; }

    /// <summary>A new session with these instructions. <paramref name="number"/>: 0 for the first session, then 1 …</summary>
    IContenderSession Begin(string instructions, int number);
}

/// <summary>One session at a contender.</summary>
internal interface IContenderSession : IAsyncDisposable
{
    /// <summary>Says something and waits for the whole answer. Throws when the turn fails.</summary>
    Task<SessionTurn> SayAsync(string text);
}

/// <summary>What a turn cost, by the contender's own count.</summary>
internal sealed record SessionTurn(int InputTokens, int CachedTokens, int OutputTokens, TimeSpan FirstToken);
