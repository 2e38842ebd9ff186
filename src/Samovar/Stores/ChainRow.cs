using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>One stored response as a store keeps it: what a store looks at is named, the response itself is packed.</summary>
public sealed record ChainRow
{
    public required TenantId Tenant { get; init; }
    public required ResponseId Id { get; init; }

    /// <summary>The response that was continued; null where a chain begins.</summary>
    public required ResponseId? Parent { get; init; }

    /// <summary>Where the chain begins: the response itself there. Names the tree, which is kept, counted and owned as a whole.</summary>
    public required ResponseId Root { get; init; }

    /// <summary>Responses from the chain's start to here, this one included.</summary>
    public required int Depth { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Which owner of the tree appends; another one's is refused.</summary>
    public required ChainClaim Claim { get; init; }

    /// <summary>The response, its own items, its settings and its tokens, packed; large parts are named by their content.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Large parts of the body, each kept once for a tenant. All that the body names, in its order.</summary>
    public IReadOnlyList<ContentPiece> Pieces { get; init; } = [];

    /// <summary>What it is to those who ask for it by its id.</summary>
    public RowKind Kind { get; init; }

    /// <summary>Of a chat completion, to find it by: the model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>Of a chat completion: JSON that may change later; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Items of the chain up to here; a row that was read comes without.</summary>
    public int ChainItems { get; init; }

    /// <summary>Bytes of memory that the chain up to here held when it was appended; 0: it does not say.</summary>
    public long ChainBytes { get; init; }

    /// <summary>Ids of its own items, to be found by <c>item_reference</c>; a row that was read comes without them.</summary>
    public IReadOnlyList<string> ItemIds { get; init; } = [];
}

/// <summary>A part that many responses repeat (tools, instructions, startup text), named by its content.</summary>
/// <param name="Name">SHA-256 of the bytes, as lower-case hex.</param>
/// <param name="Bytes">The part itself, packed.</param>
public sealed record ContentPiece(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>The right to append to one tree of responses: the newest epoch alone has it.</summary>
public readonly record struct ChainClaim(long Epoch)
{
    /// <summary>The life of a node that it was made by; null where the store knows processes alone.</summary>
    public Incarnation? Owner { get; init; }

    /// <summary>The conversation whose newest row the appended one becomes; null for none.</summary>
    public ConversationMove? Conversation { get; init; }

    /// <summary>Of a tree that begins with the row itself.</summary>
    public static readonly ChainClaim New = new(0);
}
