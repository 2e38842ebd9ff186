using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Chains;

/// <summary>Makes bytes of backends' memory of stored responses, and takes it up again.</summary>
public interface IStatePacking
{
    /// <summary>
    /// What another process, of the same model or with the same upstreams, can go on from; null where there is nothing that would serve it.
    /// </summary>
    PackedState? Pack(ChainNode node);

    /// <summary>
    /// Null where nobody here can use it: its continuation then starts from the items. Bytes that cannot be read are no error.
    /// </summary>
    BackendState? Read(PackedState packed, StoredTurn turn);

    /// <summary>A stored response is gone, and with it what was kept for it elsewhere.</summary>
    void Forget(TenantId tenant, ResponseId id) { }
}

/// <summary>A stored response whose backend's memory is being read.</summary>
/// <param name="Parent">With its own state, where that could be read.</param>
/// <param name="Input">What the turn brought in.</param>
/// <param name="Response">How it ended.</param>
public sealed record StoredTurn(ChainNode? Parent, IReadOnlyList<Item> Input, Response Response);
