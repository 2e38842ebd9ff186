using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Requests;
using Samovar.Relays;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>Passes requests on, as they came, to the nodes where their conversations are warm.</summary>
internal sealed class HomeCalls(PeerHttp http, PeerCalls calls)
{
    /// <summary>What of a request's head is more than between its client and this node.</summary>
    private static readonly string[] Passed =
    [
        .. IdentityHeaders.All.Select(static header => header.Name), "traceparent", "tracestate", "Accept", "User-Agent",
        "x-samovar-snapshots", "anthropic-version", "anthropic-beta", "openai-beta",
    ];

    /// <param name="home">Who gets it.</param>
    /// <param name="request">As it came.</param>
    /// <param name="turn">What it asks for.</param>
    /// <param name="body">As it came, decompressed.</param>
    /// <param name="silenceMax">How long a stream may stop.</param>
    /// <param name="callerGone">Its client is gone: its turn ends there.</param>
    /// <returns>The head of the answer, when it has come.</returns>
    /// <exception cref="PeerLostException">No answer came.</exception>
    public Task<PeerReply> SendAsync(ClusterNode home, HttpRequest request, TurnRequest turn, ReadOnlyMemory<byte> body,
        TimeSpan silenceMax, CancellationToken callerGone)
    {
        return calls.SendAsync(home, http.Requests, Make, silenceMax, CancellationToken.None, callerGone);

        HttpRequestMessage Make(PeerCall call)
        {
            var passed = http.Request(HttpMethod.Post, home, PeerPaths.Requests + request.Path + request.QueryString, turn.Tenant);
            passed.Headers.TryAddWithoutValidation(PeerPaths.FlowHeader, Uri.EscapeDataString(turn.Flow.Value));
            foreach (var name in Passed)
                if (request.Headers[name] is { Count: > 0 } said) passed.Headers.TryAddWithoutValidation(name, said.ToString());
            passed.Content = new PeerContent([], body, turn.Request.Stream ? call.Sent : call.SentAll);
            return passed;
        }
    }
}
