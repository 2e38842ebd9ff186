using Samovar.Gateway.Attempts;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Metrics;

/// <summary>What came of the attempts at one destination since the start. Safe for all threads.</summary>
internal sealed class DestinationTally
{
    private const int FirstOutputsKept = 128; // the newest ones say how fast it is now
    private readonly Lock _lock = new();
    private readonly Queue<TimeSpan> _firstOutputs = new(FirstOutputsKept);
    private TallyFigures _figures = new();

    public void Add(AttemptReading attempt, string outcome)
    {
        lock (_lock)
        {
            var (usage, isFault) = (attempt.Usage, AttemptReading.IsFault(outcome));
            _figures = _figures with
            {
                Attempts = _figures.Attempts + 1,
                Faults = _figures.Faults + (isFault ? 1 : 0),
                LastFault = isFault ? outcome : _figures.LastFault,
                LastFaultAt = isFault ? attempt.EndedAt : _figures.LastFaultAt,
                BytesUp = _figures.BytesUp + attempt.Call.BytesUp,
                BytesBack = _figures.BytesBack + attempt.Call.BytesDown,
                InputTokens = _figures.InputTokens + usage.InputTokens,
                CachedTokens = _figures.CachedTokens + usage.CachedTokens,
                OutputTokens = _figures.OutputTokens + usage.OutputTokens,
            };
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
    public long Attempts { get; init; }
    public long Faults { get; init; }
    public string? LastFault { get; init; }
    public DateTimeOffset? LastFaultAt { get; init; }
    public long BytesUp { get; init; }
    public long BytesBack { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }

    /// <summary>From the attempt's begin to its first output: the median of the newest attempts.</summary>
    public TimeSpan? FirstOutputMedian { get; init; }
}
