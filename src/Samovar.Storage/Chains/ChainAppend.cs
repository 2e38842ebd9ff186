using System.Runtime.InteropServices;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>One response as statements, and what their answers mean.</summary>
internal sealed class ChainAppend
{
    private const int NameBytes = 32;
    private readonly List<SqlStatement> _statements = [];
    private readonly List<(int Place, long Bytes)> _sent = [];

    /// <param name="isKnown">Pieces that the store has; the write fails where it has one of them no longer.</param>
    public ChainAppend(ChainRow row, ChainTexts texts, string owner, Func<ContentPiece, bool> isKnown)
    {
        RowBytes = row.Body.Length + NameBytes * row.Pieces.Count;
        (string, object) tenant = ("@tenant", row.Tenant.Value), id = ("@id", row.Id.Value), size = ("@size", RowBytes);
        (string, object)[] own = [tenant, id, size, ("@depth", row.Depth), ("@created", row.CreatedAt.UtcTicks),
            ("@pieces", Names(row.Pieces)), ("@body", Bytes(row.Body)), ("@owner", owner)];
        (string, object) root = ("@root", row.Root.Value);
        if (row.Parent is { } parent)
        {
            (string, object) epoch = ("@epoch", row.Claim.Epoch), before = ("@parent", parent.Value);
            _statements.Add(new(texts.GrowTree, tenant, root, epoch, before, size, ("@owner", owner)));
            _statements.Add(new(texts.AddRow, [.. own, root, epoch, before]));
        }
        else
        {
            _statements.Add(new(texts.BeginTree, tenant, root, size, ("@owner", owner)));
            _statements.Add(new(texts.AddRoot, own));
        }
        foreach (var piece in row.Pieces)
        {
            (string, object) name = ("@name", Convert.FromHexString(piece.Name));
            if (!isKnown(piece))
            {
                var length = (long)piece.Bytes.Length;
                _sent.Add((_statements.Count, length));
                _statements.Add(new(texts.AddPiece, tenant, id, name, ("@size", length), ("@bytes", Bytes(piece.Bytes))));
            }
            _statements.Add(new(texts.UsePiece, tenant, id, name));
        }
        HasLeftOut = _sent.Count < row.Pieces.Count;
        foreach (var item in row.ItemIds.Distinct(StringComparer.Ordinal))
            _statements.Add(new(texts.AddItem, tenant, id, ("@item", ItemKey.Of(row.Tenant, item))));
    }

    public IReadOnlyList<SqlStatement> Statements => _statements;

    /// <summary>Without its pieces.</summary>
    public long RowBytes { get; }

    /// <summary>Whether a piece is named that is not sent along.</summary>
    public bool HasLeftOut { get; }

    /// <summary>With the pieces that are sent along.</summary>
    public long BytesSent => RowBytes + _sent.Sum(piece => piece.Bytes);

    public static bool IsStored(int[] changed) => changed[0] == 1 && changed[1] == 1;

    /// <summary>What was new in the store.</summary>
    public long BytesStored(int[] changed) =>
        RowBytes + _sent.Where(piece => changed[piece.Place] > 0).Sum(piece => piece.Bytes);

    /// <summary>Names of pieces as a row keeps them.</summary>
    public static IEnumerable<byte[]> NamesOf(byte[] pieces) => pieces.Chunk(NameBytes);

    private static byte[] Names(IReadOnlyList<ContentPiece> pieces) => [.. pieces.SelectMany(piece => Convert.FromHexString(piece.Name))];

    private static byte[] Bytes(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var whole) && whole.Offset == 0 && whole.Count == whole.Array!.Length
            ? whole.Array : bytes.ToArray();
}
