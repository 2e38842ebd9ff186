using Samovar.Protocol.Responses;

namespace Samovar.Quotas;

/// <summary>What one turn holds of its tenant's quotas until it ends. Safe for all threads.</summary>
internal sealed class QuotaHold(QuotaUse use, Action<QuotaUse> used, TimeProvider time)
{
    private readonly long _since = time.GetTimestamp();
    private int _isGone, _isCounted;

    /// <summary>The turn holds its place no longer. To be called before its client learns of its end: the next may come at once.</summary>
    public void LetGo()
    {
        if (Interlocked.Exchange(ref _isGone, 1) == 0) use.Leave(time.GetElapsedTime(_since));
    }

    /// <summary>As above; and what it used. The first word counts.</summary>
    /// <remarks>What a cache had cost nearly nothing, and does not count.</remarks>
    public void End(Usage? usage)
    {
        LetGo();
        if (usage is not null) Count(Math.Max(0, (long)usage.InputTokens - usage.CachedTokens) + usage.OutputTokens);
    }

    /// <summary>As above, for what has no answer: the tokens that were computed.</summary>
    public void End(long tokens)
    {
        LetGo();
        Count(tokens);
    }

    private void Count(long tokens)
    {
        if (Interlocked.Exchange(ref _isCounted, 1) != 0) return;
        use.UseTokens(tokens);
        used(use);
    }
}
