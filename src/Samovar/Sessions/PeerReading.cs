using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Reads for a lane the events of a turn that runs at another node, or has just ended there.</summary>
internal sealed class PeerReading(IPeerReplays peers, TenantId tenant, long unreadBytesMax, CancellationToken connectionGone)
{
    /// <inheritdoc cref="RelayReception.FindAsync"/>
    public ValueTask<RunningTurn?> FindHereAsync(ResponseId response, long after) =>
        peers.FindHereAsync(tenant, response, after, connectionGone);

    /// <summary>To its end.</summary>
    /// <param name="lane">Goes on from it: what it made is at the other node.</param>
    /// <param name="cancelled">The client wants the turn's end.</param>
    /// <returns>False where no other node knows it; nothing was reported.</returns>
    public async Task<bool> TryAsync(
        QueuedFrame queued, ResponseId response, long after, IParentSource lane, CancellationToken cancelled)
    {
        if (await peers.OpenAsync(tenant, response, after, connectionGone) is not { } replay) return false;
        var log = new EventLog(response, new LogBounds(long.MaxValue, unreadBytesMax, First: after + 1));
        var cancelling = Task.CompletedTask;
        queued.Source.ReadElsewhere();
        queued.Beginning.TrySetResult(log);
        using var registration = cancelled.UnsafeRegister(_ => cancelling = replay.CancelAsync(connectionGone).AsTask(), null);
        try
        {
            await foreach (var e in replay.Events)
            {
                await log.RoomAsync(e.Bytes, connectionGone);
                if (e.Type is "response.completed" or "response.incomplete") lane.Lose(response); // before anybody sees its end
                log.TryAppend(e);
            }
        }
        catch (PeerLostException)
        {
            queued.Source.LoseElsewhere(response);
        }
        catch (OperationCanceledException) when (connectionGone.IsCancellationRequested)
        {
            // nobody reads it
        }
        finally
        {
            log.Close();
            registration.Unregister();
            await cancelling;
        }
        return true;
    }
}
