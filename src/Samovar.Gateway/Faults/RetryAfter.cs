using System.Buffers;
using System.Globalization;

namespace Samovar.Gateway.Faults;

/// <summary>
/// How long a provider asks to wait, in any of the ways in which it is said: <c>retry-after-ms</c>, <c>retry-after</c> in seconds or as a
/// date, and, where neither is there, the time at which a spent limit is full again. The words of an error may name one as well.
/// </summary>
internal static class RetryAfter
{
    private const double SecondsMax = 1e6; // longer is not an answer
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly string[] Starts = ["try again in ", "retry in ", "try again after ", "retry after "];
    private static readonly string[] Limits = ["requests", "tokens", "input-tokens", "output-tokens"];

    /// <param name="header">Gives a header's value by its lower-case name; null if absent.</param>
    public static TimeSpan? Of(Func<string, string?> header, DateTimeOffset now) =>
        Seconds(header("retry-after-ms"), 0.001) ?? Seconds(header("retry-after"), 1) ?? Duration(header("retry-after"))
            ?? Until(Date(header("retry-after")), now)
            ?? Resets(header, now);

    /// <summary>The latest of the limits that are spent; where nothing is said of what remains, of all.</summary>
    private static TimeSpan? Resets(Func<string, string?> header, DateTimeOffset now)
    {
        TimeSpan? latest = null;
        foreach (var limit in Limits)
        {
            var (reset, remaining) = (header($"x-ratelimit-reset-{limit}"), header($"x-ratelimit-remaining-{limit}"));
            reset ??= header($"anthropic-ratelimit-{limit}-reset");
            remaining ??= header($"anthropic-ratelimit-{limit}-remaining");
            if (remaining is not (null or "0")) continue;
            var wait = WaitOf(reset, now);
            if (wait is not null && (latest is null || wait > latest)) latest = wait;
        }
        return latest;
    }

    /// <summary>How long it is until a moment that is said in any of these ways.</summary>
    public static TimeSpan? WaitOf(string? text, DateTimeOffset now) => Duration(text) ?? Seconds(text, 1) ?? Until(Date(text), now);

    private static TimeSpan? Seconds(string? text, double unit) =>
        double.TryParse(text?.Split(',')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number * unit is >= 0 and < SecondsMax
            ? TimeSpan.FromSeconds(number * unit) : null;

    private static DateTimeOffset? Date(string? text) =>
        text?.Contains(':', StringComparison.Ordinal) == true // "3, 3" is no third of March
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    private static TimeSpan? Until(DateTimeOffset? date, DateTimeOffset now) => date is not { } then ? null
        : then <= now ? TimeSpan.Zero
        : (then - now).TotalSeconds < SecondsMax ? then - now : null;

    /// <summary>As in <c>6m0s</c>, <c>1h2m3.5s</c>, <c>20ms</c>, <c>7 seconds</c>.</summary>
    public static TimeSpan? Duration(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var remaining = text.AsSpan();
        var wait = Leading(ref remaining);
        return remaining.IsEmpty ? wait : null;
    }

    /// <summary>A wait that only the words of an error name: "Please try again in 11.054s."</summary>
    public static TimeSpan? InWords(string message)
    {
        foreach (var start in Starts)
        {
            var at = message.IndexOf(start, StringComparison.OrdinalIgnoreCase);
            if (at < 0) continue;
            var remaining = message.AsSpan(at + start.Length);
            if (Leading(ref remaining) is { } wait) return wait;
        }
        return null;
    }

    /// <summary>The duration that the text begins with, which is cut off; null where it begins with none.</summary>
    private static TimeSpan? Leading(ref ReadOnlySpan<char> text)
    {
        double? seconds = null;
        while (true)
        {
            var digits = text.IndexOfAnyExcept(Digits) is >= 0 and var end ? end : text.Length;
            if (digits == 0 || !double.TryParse(text[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) break;
            var behind = text[digits..].TrimStart(' ');
            var letters = 0;
            while (letters < behind.Length && char.IsAsciiLetter(behind[letters])) letters++;
            if (UnitOf(behind[..letters]) is not { } unit) break;
            seconds = (seconds ?? 0) + number * unit;
            text = behind[letters..];
        }
        return seconds < SecondsMax ? TimeSpan.FromSeconds(seconds.Value) : null;
    }

    private static double? UnitOf(ReadOnlySpan<char> name) => name switch
    {
        "h" or "hr" or "hrs" or "hour" or "hours" => 3600,
        "m" or "min" or "mins" or "minute" or "minutes" => 60,
        "s" or "sec" or "secs" or "second" or "seconds" => 1,
        "ms" or "millisecond" or "milliseconds" => 0.001,
        _ => null,
    };
}
