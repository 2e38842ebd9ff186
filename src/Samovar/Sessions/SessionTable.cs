#pragma warning disable // outline: bodies follow
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>The live sessions of this node.</summary>
internal sealed class SessionTable(TurnPipeline pipeline, IChainStore store, SessionOptions options, TimeProvider time)
{
    /// <summary>Sessions that are open.</summary>
    public int Count => 0;

    /// <summary>Opens a session for one connection; dispose it when the connection is gone. Throws <c>server_is_overloaded</c> when there are too many.</summary>
    public Session Open(TenantId tenant) => new(tenant, pipeline, store, options, time);
}
