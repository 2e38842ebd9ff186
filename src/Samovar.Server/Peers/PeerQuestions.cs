using System.Buffers;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>Asks the nodes that live for what this one does not know. What was asked so is asked no further: they answer for themselves
/// alone.</summary>
internal sealed partial class PeerQuestions(
    PeerHttp http, PeerCalls calls, ICluster cluster, ClusterOptions options, TimeProvider time, ILogger<PeerQuestions> logger)
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private const int NotFound = 404;

    /// <summary>The node that knows a response; null where none says so in time.</summary>
    public async ValueTask<ClusterNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        using var reply = await FirstAsync(
            HttpMethod.Head, PeerPaths.Of(PeerPaths.Responses, id), tenant, id, options.RelaySilenceMax, caller);
        return reply?.Node;
    }

    /// <summary>Asks all at once: the first that knows it answers.</summary>
    /// <param name="silenceMax">How long the answer may stop, once it has begun.</param>
    public async ValueTask<PeerReply?> FirstAsync(
        HttpMethod method, string path, TenantId tenant, ResponseId id, TimeSpan silenceMax, CancellationToken caller)
    {
        var self = cluster.Standing.Incarnation;
        var peers = cluster.Nodes.Where(node => node.State != NodeState.Dead && node.Incarnation != self).ToList();
        if (peers.Count == 0 || !IsOfANodesForm(id)) return null;
        using var late = new CancellationTokenSource(options.AskTimeMax, time);
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(late.Token, caller);
        var asking = peers.ConvertAll(peer => KnownAsync(peer, settled.Token));
        PeerReply? first = null;
        while (asking.Count > 0)
        {
            var answered = await Task.WhenAny(asking);
            asking.Remove(answered);
            if (await answered is not { } reply) continue;
            if (first is null) first = reply;
            else reply.Dispose();
            settled.Cancel(); // the others are waited for: nothing of theirs is left behind
        }
        return first;

        async Task<PeerReply?> KnownAsync(ClusterNode peer, CancellationToken ends)
        {
            if (await AskAsync(peer, method, path, tenant, silenceMax, ends, caller) is not { } reply) return null;
            if ((int)reply.Response.StatusCode is not NotFound and < 500) return reply;
            reply.Dispose();
            return null;
        }
    }

    /// <summary>Asks one.</summary>
    /// <param name="silenceMax">How long the answer may stop, once it has begun.</param>
    /// <param name="ends">How long it is waited for.</param>
    /// <param name="caller">Who asks is gone.</param>
    /// <returns>Null where it does not answer.</returns>
    public async Task<PeerReply?> AskAsync(ClusterNode peer, HttpMethod method, string path, TenantId tenant, TimeSpan silenceMax,
        CancellationToken ends, CancellationToken caller)
    {
        try
        {
            return await calls.SendAsync(peer, http.Asks, _ => http.Request(method, peer, path, tenant), silenceMax, ends, caller);
        }
        catch (Exception fault) when (fault is PeerLostException or OperationCanceledException)
        {
            Log.NoAnswer(logger, peer.Name, fault.Message);
            return null;
        }
    }

    /// <summary>Whether a node has made it; a client's own invention is asked for nowhere.</summary>
    private static bool IsOfANodesForm(ResponseId id) => id.Value.StartsWith(ResponseId.Prefix, StringComparison.Ordinal)
        && id.Value.Length == ResponseId.Prefix.Length + IdSource.Chars
        && id.Value.AsSpan(ResponseId.Prefix.Length).IndexOfAnyExcept(Hex) < 0;

    private static partial class Log
    {
        [LoggerMessage(5022, LogLevel.Debug, "Node {Node} did not say whether it knows a response: {Reason}")]
        public static partial void NoAnswer(ILogger logger, NodeName node, string reason);
    }
}
