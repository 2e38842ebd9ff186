using System.Globalization;

namespace Samovar.Bench.Reports;

/// <summary>How far a run is, and how long the rest of it takes if it goes on as it did.</summary>
/// <param name="All">Rounds of the plan.</param>
/// <param name="Earlier">Rounds that an earlier run has measured.</param>
internal sealed record RunPace(int All, int Earlier, TimeProvider Time)
{
    private long? _began;
    private int _ended;

    public int Done => Earlier + _ended;

    /// <summary>Null before the first round has ended.</summary>
    public TimeSpan? Left => _began is { } began && _ended > 0 ? Time.GetElapsedTime(began) * ((All - Done) / (double)_ended) : null;

    public void Began() => _began ??= Time.GetTimestamp();

    public void Ended() => _ended++;

    public string Text() => $"{Done} of {All} rounds"
        + (_began is { } began ? $", {Show(Time.GetElapsedTime(began))} gone" : "") + (Left is { } left ? $", about {Show(left)} left" : "");

    private static string Show(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
}
