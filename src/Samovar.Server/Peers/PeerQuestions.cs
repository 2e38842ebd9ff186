using System.Buffers;
using Microsoft.Extensions.Logging;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Relays;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>Asks the nodes that live for what this one does not know. What was asked so is asked no further: they answer for themselves
/// alone.</summary>
/// <remarks>That nobody knows a response is certain only where all have said so, or are not there: one that does not answer in time may
/// have it, and then nothing is said of it.</remarks>
internal sealed partial class PeerQuestions(
    PeerHttp http, PeerCalls calls, ICluster cluster, ClusterOptions options, TurnOptions turns, TimeProvider time,
    ILogger<PeerQuestions> logger)
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");
    private const int NotFound = 404;

    /// <summary>The node that knows a response; null where none does.</summary>
    /// <exception cref="ApiException">It is not known whether one does.</exception>
    public async ValueTask<ClusterNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var question = new Question(http.Asks, HttpMethod.Head, PeerPaths.Of(PeerPaths.Responses, id), tenant, options.RelaySilenceMax);
        using var reply = await FirstAsync(question, id, caller);
        return reply?.Node;
    }

    /// <summary>What the node has to read that knows a response, for as long as its reader likes; null where none does.</summary>
    /// <param name="silenceMax">How long the answer may stop, once it has begun.</param>
    /// <exception cref="ApiException">It is not known whether one does.</exception>
    public ValueTask<PeerReply?> OpenAsync(string path, TenantId tenant, ResponseId id, TimeSpan silenceMax, CancellationToken caller) =>
        FirstAsync(new Question(http.Reads, HttpMethod.Get, path, tenant, silenceMax), id, caller);

    /// <summary>Asks one that knows a response for what is read, or done, for as long as that takes.</summary>
    /// <param name="silenceMax">How long the answer may stop, once it has begun.</param>
    /// <param name="ends">How long it is waited for.</param>
    /// <param name="caller">Who asks is gone.</param>
    /// <returns>Null where it does not answer.</returns>
    public Task<PeerReply?> AskAsync(ClusterNode peer, HttpMethod method, string path, TenantId tenant, TimeSpan silenceMax,
        CancellationToken ends, CancellationToken caller) =>
        AskAsync(peer, new Question(http.Reads, method, path, tenant, silenceMax), ends, caller);

    /// <summary>Asks all at once: the first that knows it answers.</summary>
    private async ValueTask<PeerReply?> FirstAsync(Question question, ResponseId id, CancellationToken caller)
    {
        var self = cluster.Standing.Incarnation;
        var peers = cluster.Nodes.Where(node => node.State != NodeState.Dead && node.Incarnation != self).ToList();
        if (peers.Count == 0 || !IsOfANodesForm(id)) return null;
        using var late = new CancellationTokenSource(options.AskTimeMax, time);
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(late.Token, caller);
        var asking = peers.ConvertAll(peer => KnownAsync(peer, settled.Token));
        var (first, isSure) = ((PeerReply?)null, true);
        while (asking.Count > 0)
        {
            var answered = await Task.WhenAny(asking);
            asking.Remove(answered);
            var (isSaid, reply) = await answered;
            isSure &= isSaid;
            if (reply is null) continue;
            if (first is null) first = reply;
            else reply.Dispose();
            settled.Cancel(); // the others are waited for: nothing of theirs is left behind
        }
        return first is null && !isSure && !caller.IsCancellationRequested ? throw TurnsElsewhere.Full(turns) : first;

        async Task<(bool IsSaid, PeerReply? Reply)> KnownAsync(ClusterNode peer, CancellationToken ends)
        {
            if (await AskAsync(peer, question, ends, caller) is not { } reply) return (!ends.IsCancellationRequested, null);
            var status = (int)reply.Response.StatusCode;
            if (status is not NotFound and < 500) return (true, reply);
            reply.Dispose();
            return (status == NotFound, null);
        }
    }

    private async Task<PeerReply?> AskAsync(ClusterNode peer, Question question, CancellationToken ends, CancellationToken caller)
    {
        try
        {
            return await calls.SendAsync(peer, question.By, _ => http.Request(question.Method, peer, question.Path, question.Tenant),
                question.SilenceMax, ends, caller);
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

    /// <summary>What is asked.</summary>
    /// <param name="By">The connections that it goes over.</param>
    /// <param name="SilenceMax">How long the answer may stop, once it has begun.</param>
    private readonly record struct Question(
        HttpMessageInvoker By, HttpMethod Method, string Path, TenantId Tenant, TimeSpan SilenceMax);

    private static partial class Log
    {
        [LoggerMessage(5022, LogLevel.Debug, "Node {Node} did not say whether it knows a response: {Reason}")]
        public static partial void NoAnswer(ILogger logger, NodeName node, string reason);
    }
}
