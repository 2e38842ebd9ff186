using Samovar.Backends;

namespace Samovar.Gateway.Destinations;

/// <summary>What a destination has said of the account behind its own key. Not for two threads at once.</summary>
internal sealed class DestinationAccount
{
    private string? _key;
    private bool _isTaken;
    private DateTimeOffset _coolsUntil;
    private StatedAt? _stated;

    /// <summary>The key now is this one: what was said of the account behind another says nothing.</summary>
    /// <param name="key">Its digest; null: none of its own.</param>
    /// <returns>Whether it is another one.</returns>
    public bool Take(string? key)
    {
        _isTaken = true;
        if (key == _key) return false;
        (_key, _coolsUntil, _stated) = (key, default, null);
        return true;
    }

    /// <summary>Whether a turn that began with the key speaks of this account.</summary>
    public bool Is(string? key) => !_isTaken || key == _key;

    /// <returns>Whether it did not pause before.</returns>
    public bool Cool(DateTimeOffset now, TimeSpan remaining)
    {
        var isNew = now >= _coolsUntil;
        if (now + remaining > _coolsUntil) _coolsUntil = now + remaining;
        return isNew;
    }

    /// <summary>How long it still pauses; null where it does not.</summary>
    public TimeSpan? PauseAt(DateTimeOffset now) => now < _coolsUntil ? _coolsUntil - now : null;

    public void Stated(RateLimits limits, DateTimeOffset now) => _stated = new StatedAt(limits, now);

    public RateLimits? StatedNow(DateTimeOffset now) => _stated?.Now(now);
}
