using Samovar.Relays;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>Sends requests to peers. What is read of an answer ends where its peer is seen dead, or is silent for too long.</summary>
internal sealed class PeerCalls(PeerDeaths deaths, TimeProvider time)
{
    /// <param name="to">Who gets it.</param>
    /// <param name="by">The connections that it goes over.</param>
    /// <param name="make">Makes the request; its content tells the call what went out.</param>
    /// <param name="silenceMax">How long the peer may say nothing.</param>
    /// <param name="ends">How long the head of the answer is waited for.</param>
    /// <param name="callerGone">Nobody wants the answer any more.</param>
    /// <returns>The answer when its head has come; its reader's to be disposed.</returns>
    /// <exception cref="PeerLostException">None came.</exception>
    public async Task<PeerReply> SendAsync(ClusterNode to, HttpMessageInvoker by, Func<PeerCall, HttpRequestMessage> make,
        TimeSpan silenceMax, CancellationToken ends, CancellationToken callerGone)
    {
        var call = new PeerCall(to, deaths.Watch(to.Incarnation), silenceMax, time, callerGone);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ends, call.Ended);
            using var request = make(call);
            var reply = new PeerReply(to, await by.SendAsync(request, either.Token), call);
            call = null; // the reply's
            return reply;
        }
        catch (Exception fault) when (call is not null && PeerEvents.IsOfConnection(fault))
        {
            throw PeerEvents.Fault(fault, call);
        }
        finally
        {
            call?.Dispose();
        }
    }
}
