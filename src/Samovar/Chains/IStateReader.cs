using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Chains;

/// <summary>Makes backends' memory of stored responses usable again.</summary>
public interface IStateReader
{
    /// <summary>
    /// Null where nobody here can use it: its continuation then starts from the items. Bytes that cannot be read are no error.
    /// </summary>
    BackendState? Read(PackedState packed, StoredTurn turn);
}

/// <summary>A stored response whose backend's memory is being read.</summary>
/// <param name="Parent">With its own state, where that could be read.</param>
/// <param name="Input">What the turn brought in.</param>
/// <param name="Response">How it ended.</param>
public sealed record StoredTurn(ChainNode? Parent, IReadOnlyList<Item> Input, Response Response);
