using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Client.Transports;

namespace Samovar.Client.Turns;

/// <summary>Counts how often a turn has met a lost link or a server without room, and waits before the next try.</summary>
internal sealed class Attempts(ResponsesOptions options)
{
    private int _lost, _refused, _restarts;

    /// <summary>Whether the turn's link was ever lost.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Something came: what counts is tries in a row.</summary>
    public void Succeeded() => (_lost, _refused) = (0, 0);

    /// <summary>Waits before the next link is tried.</summary>
    /// <exception cref="ResponsesException">There were enough.</exception>
    public Task AfterLossAsync(LinkLostException lost, string? responseId, bool mayRun, CancellationToken caller)
    {
        WasCut = true;
        var isCut = ++_lost == 1 && !lost.WasNeverSent; // the next link may well be there already
        if (_lost < options.AttemptsMax) return isCut ? Task.CompletedTask : PauseAsync(Pause(_lost), caller);
        throw new ResponsesException(mayRun ? ResponsesErrorKind.Lost : ResponsesErrorKind.Unreachable,
            $"{lost.Message.TrimEnd('.')}; {_lost} tries in a row.", lost) { ResponseId = responseId };
    }

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
