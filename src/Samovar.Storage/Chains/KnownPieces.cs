using System.Collections.Concurrent;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>
/// Pieces that the store had when this process last wrote or named them: a turn whose tools are known does not send them again. A guess:
/// another server may have removed one, and then the write fails and is made again with all of them. Safe for all threads.
/// </summary>
internal sealed class KnownPieces(StoredChainOptions options)
{
    private readonly ConcurrentDictionary<(TenantId, string), bool> _known = new();

    public bool Has(TenantId tenant, ContentPiece piece) => _known.ContainsKey((tenant, piece.Name));

    public void Add(TenantId tenant, IReadOnlyList<ContentPiece> pieces)
    {
        if (_known.Count + pieces.Count > options.KnownPiecesMax) Forget(); // rare, and costs each piece one more write
        foreach (var piece in pieces) _known.TryAdd((tenant, piece.Name), true);
    }

    public void Forget() => _known.Clear();
}
