using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Client.Transports;

namespace Samovar.Client.Turns;

/// <summary>Counts how often a turn has met a lost link or a server without room, and waits before the next try.</summary>
/// <remarks>
/// What ends a turn are links in a row that were dead. One over which other turns heard something shows that the server is there: where
/// links live shorter than it takes to hear of all of them, each turn has its luck sooner or later. That holds for a time: a request that
/// costs every link would cost the others theirs.
/// </remarks>
internal sealed class Attempts(ResponsesOptions options)
{
    private int _lost, _dead, _silent, _refused, _restarts;
    private long _heardAt = options.Time.GetTimestamp();
    private long? _lostAt;
    private TimeSpan _without;

    /// <summary>Whether the turn's link was ever lost.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Something came: what counts is tries in a row.</summary>
    public void Succeeded()
    {
        (_lost, _dead, _silent, _refused, _lostAt, _without) = (0, 0, 0, 0, null, TimeSpan.Zero);
        _heardAt = options.Time.GetTimestamp();
    }

    /// <summary>There is a link again.</summary>
    public void Linked()
    {
        _without += Since(_lostAt);
        _lostAt = null;
    }

    /// <summary>Waits before the next link is tried.</summary>
    /// <param name="hasSpoken">Whether anything came over the one that is lost, for whichever turn.</param>
    /// <exception cref="ResponsesException">There were enough.</exception>
    public Task AfterLossAsync(LinkLostException lost, string? responseId, bool mayRun, bool hasSpoken, CancellationToken caller)
    {
        WasCut = true;
        _lostAt ??= options.Time.GetTimestamp();
        _dead = hasSpoken && Since(_heardAt) < options.SilenceMax ? 0 : _dead + 1;
        if (lost.IsSilence) _silent++;
        var isCut = ++_lost == 1 && !lost.WasNeverSent; // the next link may well be there already
        if (Left() is { } left)
        {
            var said = lost.RetryAfter ?? TimeSpan.Zero;
            var pause = Shorter(Longer(Pause(_lost), Shorter(said, options.RetryAfterMax)), left);
            return isCut ? Task.CompletedTask : PauseAsync(pause, caller);
        }
        throw new ResponsesException(mayRun ? ResponsesErrorKind.Lost : ResponsesErrorKind.Unreachable,
            $"{lost.Message.TrimEnd('.')}; {_lost} tries in a row.", lost)
            { ResponseId = responseId, Status = lost.Status, RetryAfter = lost.RetryAfter };
    }

    /// <summary>How long links may still be tried; null: no longer.</summary>
    private TimeSpan? Left()
    {
        if (_silent >= options.AttemptsMax) return null; // there is a link each time: no other bound counts that
        if (options.LostTimeMax is not { } most) return _dead < options.AttemptsMax ? TimeSpan.MaxValue : null;
        var left = most - _without - Since(_lostAt);
        return left > TimeSpan.Zero ? left : null;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan Since(long? at) => at is { } from ? options.Time.GetElapsedTime(from) : TimeSpan.Zero;

    /// <summary>Waits where the server had no room; throws where that is no use.</summary>
    public Task AfterRefusalAsync(ResponsesException refused, CancellationToken caller)
    {
        var isForNow = refused.Kind is ResponsesErrorKind.RateLimited or ResponsesErrorKind.Unavailable
            && refused.Code is not ("insufficient_quota" or "usage_limit_reached") && !(refused.RetryAfter > options.RetryAfterMax);
        if (!isForNow || _refused >= options.RefusalsMax) throw refused;
        _refused++;
        return PauseAsync(refused.RetryAfter ?? Pause(_refused), caller);
    }

    /// <summary>Whether the turn may begin anew.</summary>
    public bool TryRestart() => _restarts++ < options.RestartsMax;

    public Task PauseAsync(TimeSpan pause, CancellationToken caller) => Task.Delay(pause, options.Time, caller);

    private TimeSpan Pause(int tries)
    {
        var most = Math.Min(
            options.BackoffMax.TotalMilliseconds, options.BackoffFirst.TotalMilliseconds * Math.Pow(2, Math.Min(tries - 1, 30)));
        lock (options.Random) return TimeSpan.FromMilliseconds(most * (0.5 + options.Random.NextDouble() / 2));
    }
}
