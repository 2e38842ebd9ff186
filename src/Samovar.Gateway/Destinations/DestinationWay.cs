namespace Samovar.Gateway.Destinations;

/// <summary>
/// Whether a way leads to a destination whose turns wait for one: the log says once that there is none, and why, and once that there is
/// one again. Their clients hear nothing of it for as long as they wait; whoever runs the server must. Safe for all threads.
/// </summary>
/// <param name="waitMax">How long turns wait for a way; zero: they do not, and fail with what is wrong.</param>
/// <param name="log">Null: nothing hears of it.</param>
internal sealed class DestinationWay(string name, TimeSpan waitMax, DestinationLog? log)
{
    private string? _fault;

    /// <summary>Why none leads there; null where one does, or nobody has looked.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>An attempt came to no connection, or met somebody else there.</summary>
    public void IsGone(string reason)
    {
        if (waitMax > TimeSpan.Zero && Interlocked.CompareExchange(ref _fault, reason, null) is null) log?.NoWay(name, reason, waitMax);
    }

    public void Stands()
    {
        if (Fault is not null && Interlocked.Exchange(ref _fault, null) is not null) log?.HasWay(name);
    }
}
