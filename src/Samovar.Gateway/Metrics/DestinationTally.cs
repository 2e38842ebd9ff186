using Samovar.Gateway.Attempts;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Metrics;

/// <summary>What came of the attempts at one destination since the start. Safe for all threads.</summary>
internal sealed class DestinationTally
{
    private const int FirstOutputsKept = 128; // the newest ones say how fast it is now
    private readonly Lock _lock = new();
    private readonly Queue<TimeSpan> _firstOutputs = new(FirstOutputsKept);
    private readonly TallyFigures _figures = new();

    public void Add(AttemptReading attempt, string outcome)
    {
        var (usage, isFault) = (attempt.Spent, AttemptReading.IsFault(outcome));
        lock (_lock)
        {
            _figures.Attempts++;
            if (isFault) (_figures.Faults, _figures.LastFault, _figures.LastFaultAt) = (_figures.Faults + 1, outcome, attempt.EndedAt);
            _figures.BytesUp += attempt.Call.BytesUp;
            _figures.BytesBack += attempt.Call.BytesDown;
            _figures.InputTokens += usage.InputTokens;
            _figures.CachedTokens += usage.CachedTokens;
            _figures.OutputTokens += usage.OutputTokens;
            if (attempt.FirstOutput is not { } first) return;
            if (_firstOutputs.Count == FirstOutputsKept) _firstOutputs.Dequeue();
            _firstOutputs.Enqueue(first);
        }
    }

    public TallyFigures Read()
    {
        lock (_lock)
        {
            var sorted = _firstOutputs.Order().ToList();
            return _figures with { FirstOutputMedian = sorted.Count == 0 ? null : sorted[sorted.Count / 2] };
        }
    }
}

/// <summary>A tally at one moment.</summary>
internal sealed record TallyFigures
{
    public long Attempts { get; set; }
    public long Faults { get; set; }
    public string? LastFault { get; set; }
    public DateTimeOffset? LastFaultAt { get; set; }
    public long BytesUp { get; set; }
    public long BytesBack { get; set; }
    public long InputTokens { get; set; }
    public long CachedTokens { get; set; }
    public long OutputTokens { get; set; }

    /// <summary>From the attempt's begin to its first output: the median of the newest attempts.</summary>
    public TimeSpan? FirstOutputMedian { get; init; }
}
