using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>What was used within the last minute, and by whom. Not for two threads at once.</summary>
internal sealed class MinuteUse
{
    private const int SweepMin = 64;
    private readonly MinuteWindow _all = new();
    private readonly Dictionary<FlowId, MinuteWindow> _byFlow = [];
    private int _sweepAt = SweepMin;

    /// <param name="isShared">Whether anybody will ask who used it.</param>
    public void Add(DateTimeOffset now, FlowId flow, long amount, bool isShared)
    {
        _all.Add(now, amount);
        if (!isShared || amount == 0) return;
        if (!_byFlow.TryGetValue(flow, out var own))
        {
            if (_byFlow.Count >= _sweepAt) Forget(now);
            _byFlow[flow] = own = new MinuteWindow();
        }
        own.Add(now, amount);
    }

    public long Sum(DateTimeOffset now) => _all.Sum(now);

    /// <summary>What one flow used, or with null all of them.</summary>
    public MinuteSum Of(FlowId? flow, DateTimeOffset now)
    {
        var window = flow is not { } one ? _all : _byFlow.GetValueOrDefault(one);
        return window is null ? default : new MinuteSum(window.Sum(now), window.UntilNone(now));
    }

    /// <summary>How long until something falls out of the minute.</summary>
    public TimeSpan UntilLess(DateTimeOffset now) => _all.UntilLess(now);

    /// <summary>
    /// How long a flow that has used much leaves what is left to others (<see cref="SharedPlaces"/>); null where it need not.
    /// </summary>
    /// <param name="max">What may be used in a minute; 0 is no limit.</param>
    /// <param name="part">One of that many is left.</param>
    /// <param name="left">What others have left of it; null: all that is not used here.</param>
    public TimeSpan? WaitOf(FlowId flow, int max, int part, DateTimeOffset now, long? left = null)
    {
        if (max < part || !_byFlow.TryGetValue(flow, out var own)) return null;
        var (free, held) = ((int)Math.Clamp(max - Sum(now), 0, left ?? max), (int)Math.Min(int.MaxValue, own.Sum(now)));
        return free == 0 || SharedPlaces.MayTake(max, free, held, part) ? null : own.UntilLess(now);
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (flow, own) in _byFlow)
            if (own.Sum(now) == 0) _byFlow.Remove(flow);
        _sweepAt = Math.Max(SweepMin, 2 * _byFlow.Count);
    }
}

/// <param name="Amount">Used within the last minute.</param>
/// <param name="UntilNone">How long until nothing of it is within the minute any more.</param>
internal readonly record struct MinuteSum(long Amount, TimeSpan UntilNone);

/// <summary>What was used at a destination within the last minute.</summary>
internal readonly record struct DestinationUse(MinuteSum Requests, MinuteSum Tokens);
