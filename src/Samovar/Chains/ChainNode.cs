using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Chains;

/// <summary>One finished response in its chain: immutable, holding its parent and only its own items. A response continued twice is a fork.</summary>
public sealed class ChainNode
{
    public required TenantId Tenant { get; init; }
    public required ResponseId Id { get; init; }
    public required ChainNode? Parent { get; init; }

    /// <summary>What this turn brought in, item references resolved.</summary>
    public required IReadOnlyList<Item> Input { get; init; }
    public IReadOnlyList<Item> Output => Response.Output;

    /// <summary>The terminal snapshot, as the client saw it.</summary>
    public required Response Response { get; init; }
    public bool Store => Response.Request.Store;

    /// <summary>What the backend keeps with this response so that a continuation costs its delta: rendered tokens, a pinned sequence, an upstream socket. Memory only.</summary>
    public BackendState? State { get; init; }

    /// <summary>Bytes of this node's own items and settings, for budgets.</summary>
    public required long Bytes { get; init; }

    /// <summary>Nodes from the chain's start to here.</summary>
    public int Depth => field == 0 ? field = (Parent?.Depth ?? 0) + 1 : field;
}

/// <summary>A backend's own memory of one response. Others only carry it and release it.</summary>
public abstract class BackendState
{
    /// <summary>Called once, when the response is superseded, evicted or deleted: warm state may go first.</summary>
    public abstract void Release();
}
