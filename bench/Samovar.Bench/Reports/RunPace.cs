using System.Globalization;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>How far a run is, and how long it takes yet if it goes on as it did: by what its turns are expected to take.</summary>
/// <param name="left">What is to be measured.</param>
/// <param name="earlier">Rounds that an earlier run has measured.</param>
internal sealed class RunPace(IReadOnlyCollection<PlannedRound> left, int earlier, TimeProvider time)
{
    private const double BytesPerToken = 4, OverheadSeconds = 0.03, EngineSeconds = 0.4, Beside = 16, SureFrom = 0.03;
    private readonly double _whole = left.Sum(Seconds);
    private double _done;
    private long? _began;
    private int _ended;

    public int All { get; } = left.Count + earlier;
    public int Done => earlier + _ended;

    /// <summary>Null while too little has been seen of the run.</summary>
    public TimeSpan? Left => _began is { } began && _done > SureFrom * _whole
        ? time.GetElapsedTime(began) * (Math.Max(0, _whole - _done) / _done) : null;

    public void Began() => _began ??= time.GetTimestamp();

    public void Turn(PlannedRound round) => _done += Seconds(round) / round.Task.Steps.Count;

    public void Ended() => _ended++;

    public string Text() => $"{Done} of {All} rounds"
        + (_began is { } began ? $", {Show(time.GetElapsedTime(began))} gone" : "")
        + (Left is { } sure ? $", about {Show(sure)} left" : "");

    private static double Seconds(PlannedRound round)
    {
        if (round.Backend.Speed is not { } speed) return EngineSeconds * round.Task.Steps.Count;
        var seconds = round.Task.Steps.Sum(step => step.OutputBytes / BytesPerToken / speed.DecodeTokens + OverheadSeconds
            + 2 * round.Link.RoundTrip.TotalSeconds);
        return round.Backend.RunsBeside ? seconds / Beside : seconds;
    }

    private static string Show(TimeSpan span) =>
        span.ToString(span.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
}
