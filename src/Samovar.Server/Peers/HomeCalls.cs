using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Relays;
using Samovar.Scheduling.Fairness;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>Passes requests on, as they came, to the nodes where their conversations are warm, or whose they are.</summary>
internal sealed class HomeCalls(PeerHttp http, PeerCalls calls)
{
    /// <summary>What of a request's head is more than between its client and this node.</summary>
    private static readonly string[] Passed =
    [
        .. IdentityHeaders.All.Select(static header => header.Name), "traceparent", "tracestate", "Accept", "User-Agent",
        "x-samovar-snapshots", "anthropic-version", "anthropic-beta", "openai-beta",
    ];

    /// <param name="to">Who gets it.</param>
    /// <param name="request">As it came.</param>
    /// <param name="passing">What of it the node's own ways have made.</param>
    /// <param name="silenceMax">How long a stream may stop.</param>
    /// <param name="callerGone">Its client is gone: its turn ends there.</param>
    /// <returns>The head of the answer, when it has come.</returns>
    /// <exception cref="PeerLostException">No answer came.</exception>
    public Task<PeerReply> SendAsync(
        ClusterNode to, HttpRequest request, Passing passing, TimeSpan silenceMax, CancellationToken callerGone)
    {
        return calls.SendAsync(to, http.Requests, Make, silenceMax, CancellationToken.None, callerGone);

        HttpRequestMessage Make(PeerCall call)
        {
            var path = PeerPaths.Requests + request.Path + request.QueryString;
            var passed = http.Beginning(new HttpMethod(request.Method), to, path, passing.Tenant);
            passed.Headers.TryAddWithoutValidation(PeerPaths.FlowHeader, Uri.EscapeDataString(passing.Flow.Value));
            foreach (var name in Passed)
                if (request.Headers[name] is { Count: > 0 } said) passed.Headers.TryAddWithoutValidation(name, said.ToString());
            passed.Content = new PeerContent([], passing.Body, passing.IsLong ? call.SentAll : call.Sent);
            return passed;
        }
    }
}

/// <summary>A request that is passed on.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Flow">Whose share of places and of memory it takes there.</param>
/// <param name="Body">As it came, decompressed.</param>
/// <param name="IsLong">Whether its answer takes as long as a turn, and comes whole.</param>
internal readonly record struct Passing(TenantId Tenant, FlowId Flow, ReadOnlyMemory<byte> Body, bool IsLong = false);
