namespace Samovar.Engine.Decoding;

/// <summary>How long a round may compute a prompt while others speak, by what their own tokens take. The engine's thread only.</summary>
/// <remarks>
/// A token that comes every 10 ms shall not come after 110 because somebody's prompt is computed, where 30 serve that as well: a chunk is
/// to take <see cref="Stretch"/> times as long as the tokens themselves. It takes more where a tile does, and never more than is agreed;
/// where the tokens take longer than that themselves, as long as they, so that a prompt has half of the time whatever others do. What a
/// round has spent on moving state counts, so that a copy and a chunk do not add up.
/// </remarks>
/// <param name="delayMax">What is agreed.</param>
/// <param name="isProcessor">Whether a processor computes, where many small chunks take no longer than few large ones.</param>
internal sealed class RoundBudget(TimeSpan delayMax, bool isProcessor)
{
    /// <summary>What a chunk should take, in times that the round's tokens take: with it and what times vary by, an interval stays below
    /// three times one without.</summary>
    public const double Stretch = 1.5;

    private const double Newest = 0.2, JumpMax = 3;
    private double _step, _spent;
    private bool _hasSkipped, _hasTaken;

    /// <summary>What the tokens of a round take.</summary>
    public TimeSpan Step => TimeSpan.FromSeconds(_step);

    /// <summary>Whether a round that others wait for has moved enough state: what is left to move comes in the next.</summary>
    public bool IsSpent(TimeSpan spent) => spent >= delayMax / 2;

    /// <summary>A round computed its tokens.</summary>
    public void Stepped(TimeSpan took)
    {
        var seconds = took.TotalSeconds;
        _step = _step <= 0 ? seconds : _step + Newest * (Math.Min(seconds, _step * JumpMax) - _step);
        if (!_hasTaken) Forget(); // no chunk was to give way for it
        _hasTaken = false;
    }

    /// <summary>Nobody waited for what was moved.</summary>
    public void Forget() => _spent = 0;

    /// <summary>Moving state took that long since the last tokens.</summary>
    public void Moved(TimeSpan took) => _spent += took.TotalSeconds;

    /// <summary>The seconds of this round's chunk that are good for all, and those that it may take; null where this round is to have none.
    /// Of two rounds one has a chunk.</summary>
    /// <param name="mustCompute">Whether the round has nothing else to do.</param>
    public (double Good, double Most)? TakeChunk(bool mustCompute = false)
    {
        var most = Math.Max(delayMax.TotalSeconds, _step) - _spent;
        (_spent, _hasTaken) = (0, true);
        if (most < delayMax.TotalSeconds / 4 && !_hasSkipped && !mustCompute)
        {
            _hasSkipped = true;
            return null;
        }
        (_hasSkipped, most) = (false, Math.Max(most, delayMax.TotalSeconds / 4));
        return (isProcessor ? Math.Min(most, Stretch * _step) : most, most);
    }
}
