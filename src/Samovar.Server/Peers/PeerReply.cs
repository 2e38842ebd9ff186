using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>What one node answers, its body not read yet.</summary>
internal sealed class PeerReply(ClusterNode node, HttpResponseMessage response, PeerCall call) : IDisposable
{
    public ClusterNode Node { get; } = node;
    public HttpResponseMessage Response { get; } = response;
    public PeerCall Call { get; } = call;

    public void Dispose()
    {
        Response.Dispose();
        Call.Dispose();
    }
}
