using System.Globalization;

namespace Samovar.Protocol.Errors;

/// <summary>A length of time for people to read, in the unit that suits it: <c>200 ms</c>, <c>1.5 s</c>, <c>60 minutes</c>.</summary>
public static class DurationText
{
    // A unit is left for the next one when two of that are reached; hours and days are so coarse that it takes three.
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1), Minutes = TimeSpan.FromMinutes(2), Hours = TimeSpan.FromHours(3),
        Days = TimeSpan.FromDays(3);

    public static string Of(TimeSpan time) => time switch
    {
        _ when time == TimeSpan.Zero => "0 s",
        _ when time < TimeSpan.Zero => "-" + Of(time.Negate()),
        _ when time < Seconds => Text(Math.Max(1, Math.Round(time.TotalMilliseconds)), "ms"),
        _ when time < Minutes => Text(time.TotalSeconds, "s"),
        _ when time < Hours => Text(time.TotalMinutes, "minutes"),
        _ when time < Days => Text(time.TotalHours, "hours"),
        _ => Text(time.TotalDays, "days"),
    };

    /// <summary>For a client that is asked to wait: whole seconds, as its <c>retry-after</c> has them.</summary>
    public static string Wait(TimeSpan time) => Of(TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(time.TotalSeconds))));

    private static string Text(double number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Round(number, 1):0.#} {unit}");
}
