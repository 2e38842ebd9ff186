using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Carries turns to other nodes, and their events back. Safe for all threads.</summary>
internal interface IPeerLinks
{
    /// <summary>Sends a turn to its chain's owner.</summary>
    /// <param name="to">Who gets it.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="turnCancelled">The sender wants no more of it; the turn itself goes on there for a time, so that it can be
    /// joined.</param>
    /// <exception cref="PeerLostException">No answer came.</exception>
    ValueTask<PeerAnswer> SendAsync(ClusterNode to, RelayedRequest turn, CancellationToken turnCancelled);

    /// <summary>Ends a turn that goes on there, or asks about one that has ended. A peer that cannot be reached is not waited
    /// for.</summary>
    /// <returns>What it has used; null where that is not known.</returns>
    ValueTask<Usage?> CancelAsync(ClusterNode to, TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>Tells a turn there what its client says to it. Never throws.</summary>
    /// <returns>Null where it is queued there; else why not.</returns>
    ValueTask<ApiException?> SayAsync(ClusterNode to, TenantId tenant, ResponseId id, SaidAway said, CancellationToken caller);
}

/// <summary>What a peer says to a turn.</summary>
internal abstract record PeerAnswer
{
    private PeerAnswer() { }

    /// <summary>It does not run it.</summary>
    public sealed record Refused(PlaceRefusal Why) : PeerAnswer;

    /// <summary>The request itself cannot be done: its client gets this error.</summary>
    public sealed record Failed(ApiException Error) : PeerAnswer;

    /// <summary>It runs there: all of its events from the first on, each as JSON, to the terminal one.</summary>
    /// <param name="Events">To be read once. Throws <see cref="PeerLostException"/> where the connection breaks or says nothing for
    /// <see cref="ClusterOptions.RelaySilenceMax"/>.</param>
    public sealed record Running(IAsyncEnumerable<LoggedEvent> Events) : PeerAnswer;
}

/// <summary>A peer cannot be reached, or said nothing for too long.</summary>
/// <param name="wasSent">Whether it may have got what was sent.</param>
internal sealed class PeerLostException(string message, bool wasSent, Exception? cause = null) : Exception(message, cause)
{
    public bool WasSent { get; } = wasSent;
}
