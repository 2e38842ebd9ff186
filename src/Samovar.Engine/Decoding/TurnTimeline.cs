namespace Samovar.Engine.Decoding;

/// <summary>Where one turn's time went in the engine. Its room is made with the turn, so the engine's thread allocates nothing.</summary>
internal sealed class TurnTimeline
{
    private const int FewestSpans = 8, TokensPerChunk = 64; // smaller chunks are rare, and share the last one's place
    private readonly EngineSpan[] _spans;
    private int _count, _newest;
    private long _waitsSince;
    private bool _isWaiting = true;
    private bool _awaitsSample;

    /// <param name="spansMax">Stretches that it keeps.</param>
    /// <param name="newTokens">About how many there are to compute.</param>
    /// <param name="begun">When the turn came.</param>
    public TurnTimeline(int spansMax, int newTokens, long begun)
    {
        _spans = new EngineSpan[Math.Clamp(FewestSpans + newTokens / TokensPerChunk, 1, Math.Max(1, spansMax))];
        _waitsSince = begun;
    }

    /// <summary>The turn's stream was filled with state that was held elsewhere.</summary>
    public void Restored(long from, long to, int tokens)
    {
        Placed(from);
        Add(EngineStage.Restore, from, to, tokens);
    }

    /// <summary>The turn has its stream.</summary>
    public void Placed(long at)
    {
        if (_isWaiting) Add(EngineStage.Place, _waitsSince, at, 0);
        _isWaiting = false;
    }

    /// <summary>The turn waits for a stream again.</summary>
    public void Suspended(long at) => (_isWaiting, _waitsSince) = (true, at);

    /// <summary>Tokens of the prompt were computed.</summary>
    /// <param name="isLast">Whether the first token is sampled from them: they are there when it is.</param>
    public void Prefilled(long from, long to, int tokens, bool isLast)
    {
        Add(EngineStage.Prefill, from, to, tokens);
        _awaitsSample = isLast;
    }

    /// <summary>The first token was sampled.</summary>
    public void Sampled(long at)
    {
        if (!_awaitsSample) return;
        ref var last = ref _spans[_newest];
        last = last with { To = at, Busy = last.Busy + Math.Max(0, at - last.To) };
        _awaitsSample = false;
    }

    /// <summary>All of it, when the turn is over.</summary>
    /// <param name="at">When that is.</param>
    /// <param name="firstSampled">When its first token was there.</param>
    /// <param name="sampled">How many there are.</param>
    public IReadOnlyList<EngineSpan> End(long at, long? firstSampled, int sampled)
    {
        Placed(at);
        if (firstSampled is { } first) Add(EngineStage.Decode, first, at, sampled);
        return new ArraySegment<EngineSpan>(_spans, 0, _count);
    }

    private void Add(EngineStage stage, long from, long to, int tokens)
    {
        var span = new EngineSpan(stage, from, to, tokens, 1, to - from);
        if (_count < _spans.Length - Kept(stage))
        {
            _spans[_newest = _count++] = span;
            return;
        }
        var at = _count - 1;
        while (at >= 0 && _spans[at].Stage != stage) at--;
        if (at < 0) return;
        var last = _spans[_newest = at];
        _spans[at] = last with
        {
            To = to, Tokens = last.Tokens + tokens, Count = last.Count + 1, Busy = last.Busy + span.Busy,
        };
    }

    /// <summary>Places that stay free for the stages behind this one.</summary>
    private static int Kept(EngineStage stage) => EngineStage.Decode - stage;
}
