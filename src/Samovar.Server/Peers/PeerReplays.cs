using System.Globalization;
using Samovar.Budgets;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>Asks the other nodes for the events of turns that their readers have lost.</summary>
internal sealed class PeerReplays(
    PeerQuestions questions, PeerLinks links, RelayReception reception, ReadsElsewhere reads, ClusterOptions options, MemoryShares memory)
    : IPeerReplays
{
    public ValueTask<RunningTurn?> FindHereAsync(TenantId tenant, ResponseId id, long after, CancellationToken readerGone) =>
        reception.FindAsync(tenant, id, after, readerGone);

    public async ValueTask<PeerReplay?> OpenAsync(TenantId tenant, ResponseId id, long after, CancellationToken readerGone)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{PeerPaths.Of(PeerPaths.Events, id)}?starting_after={after}");
        var place = reads.Enter(tenant);
        PeerReply? reply = null;
        try
        {
            reply = await questions.OpenAsync(path, tenant, id, options.RelaySilenceMax, readerGone);
            if (reply is null) return null;
            if (!PeerAnswers.IsStream(reply.Response))
                return await PeerAnswers.ErrorAsync(reply.Response, reply.Call) is { } error ? throw error : null;
            var buffer = new ClaimedBuffer(new ByteClaim(memory.Logs, new FlowId(tenant.Value)), links.EventBytesMax);
            var body = await reply.Response.Content.ReadAsStreamAsync(reply.Call.Ended);
            var (stream, node) = (new PeerStream(reply, body, buffer), reply.Node);
            var replay = new PeerReplay(
                ReadAsync(after, stream, place), async caller => await links.CancelAsync(node, tenant, id, caller));
            (reply, place) = (null, null); // its reader's
            return replay;
        }
        catch (Exception fault) when (PeerEvents.IsOfConnection(fault))
        {
            return readerGone.IsCancellationRequested ? null : throw reads.Full(); // it has just said that it knows it
        }
        finally
        {
            reply?.Dispose();
            place?.Dispose();
        }
    }

    private static async IAsyncEnumerable<LoggedEvent> ReadAsync(long after, PeerStream stream, IDisposable place)
    {
        using var held = place;
        await foreach (var e in PeerEvents.ReadAsync(null, after, stream)) yield return e;
    }
}
