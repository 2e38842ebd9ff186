using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Finds turns that run at other nodes, were sent by them, or have just ended, so that their events can be read
/// again.</summary>
internal interface IPeerReplays
{
    /// <param name="after">The last event that the reader has; -1 where it has none.</param>
    /// <param name="readerGone">Nobody reads it any more.</param>
    /// <returns>Null where no other node knows it.</returns>
    /// <exception cref="ApiException">One knows it, and no longer has what follows that number; or it is not known whether one does, or
    /// there is no room to read it.</exception>
    ValueTask<PeerReplay?> OpenAsync(TenantId tenant, ResponseId id, long after, CancellationToken readerGone);

    /// <inheritdoc cref="RelayReception.FindAsync"/>
    ValueTask<RunningTurn?> FindHereAsync(TenantId tenant, ResponseId id, long after, CancellationToken readerGone);
}

/// <summary>A turn of another node, as one reads it from here.</summary>
/// <param name="Events">To be read once. Throws <see cref="PeerLostException"/> where the connection breaks. None where the reader has all
/// of them.</param>
/// <param name="CancelAsync">Ends the turn.</param>
internal sealed record PeerReplay(IAsyncEnumerable<LoggedEvent> Events, Func<CancellationToken, ValueTask> CancelAsync);
