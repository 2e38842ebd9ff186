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
    private readonly ChainRow _row;
    private readonly int _firstOwn;
    private readonly List<(int Place, long Bytes)> _sent = [];

    /// <param name="isKnown">Pieces that the store has; the write fails where it has one of them no longer.</param>
    public ChainAppend(ChainRow row, ChainTexts texts, string owner, Func<ContentPiece, bool> isKnown)
    {
        _row = row;
        RowBytes = row.Body.Length + NameBytes * row.Pieces.Count;
        (string, object) tenant = ("@tenant", row.Tenant.Value), id = ("@id", row.Id.Value), size = ("@size", RowBytes);
        (string, object) root = ("@root", row.Root.Value), conversation = ("@conversation", row.Claim.Conversation?.Id.Value ?? "");
        (string, object)[] own = [tenant, id, size, conversation, ("@depth", row.Depth), ("@created", row.CreatedAt.UtcTicks),
            ("@pieces", Names(row.Pieces)), ("@body", Bytes(row.Body)), ("@owner", owner), ("@kind", (int)row.Kind),
            ("@deleted", row.Kind == RowKind.Items ? 1 : 0), ("@model", row.Model ?? ""),
            ("@metadata", row.Metadata.ToArray()), ("@items", (long)row.ChainItems), ("@bytes", row.ChainBytes)];
        if (row.Claim.Conversation is { } move)
            _statements.Add(new(ConversationTexts.Move, tenant, id, conversation, ("@version", move.Version)));
        _firstOwn = _statements.Count;
        if (row.Parent is { } parent)
        {
            (string, object) epoch = ("@epoch", row.Claim.Epoch), before = ("@parent", parent.Value);
            _statements.Add(new(texts.GrowTree, tenant, id, root, epoch, before, size, conversation, ("@owner", owner)));
            _statements.Add(new(texts.AddRow, [.. own, root, epoch, before]));
        }
        else
        {
            _statements.Add(new(texts.BeginTree, tenant, id, root, size, conversation, ("@owner", owner)));
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
        AddItems(texts, tenant, id);
        if (row.Kind == RowKind.ChatCompletion)
            foreach (var label in CompletionLabel.Of(row.Model ?? "", row.Metadata))
                _statements.Add(new(LabelTexts.Add, tenant, id, ("@label", LabelKey.Of(row.Tenant, label))));
        if (row.Claim.Conversation is { } moved) AddMove(moved, texts, tenant, id, conversation);
    }

    public IReadOnlyList<SqlStatement> Statements => _statements;

    /// <summary>Without its pieces.</summary>
    public long RowBytes { get; }

    /// <summary>Whether a piece is named that is not sent along.</summary>
    public bool HasLeftOut { get; }

    /// <summary>With the pieces that are sent along.</summary>
    public long BytesSent => RowBytes + _sent.Sum(piece => piece.Bytes);

    public bool IsStored(int[] changed) => changed[_firstOwn] == 1 && changed[_firstOwn + 1] == 1;

    /// <summary>Whether the tree counts a row that was not added.</summary>
    public bool IsMiscounted(int[] changed) => changed[_firstOwn] == 1 && changed[_firstOwn + 1] == 0;

    /// <summary>What was new in the store.</summary>
    public long BytesStored(int[] changed) =>
        RowBytes + _sent.Where(piece => changed[piece.Place] > 0).Sum(piece => piece.Bytes);

    /// <summary>Names of pieces as a row keeps them.</summary>
    public static IEnumerable<byte[]> NamesOf(byte[] pieces) => pieces.Chunk(NameBytes);

    private void AddItems(ChainTexts texts, (string, object) tenant, (string, object) id)
    {
        string[] items = [.. _row.ItemIds.Distinct(StringComparer.Ordinal)];
        if (items.Length == 0) return;
        var keys = new byte[items.Length * ItemKey.Bytes];
        for (var i = 0; i < items.Length; i++) ItemKey.Of(_row.Tenant, items[i]).CopyTo(keys, i * ItemKey.Bytes);
        _statements.Add(new(texts.AddItems, tenant, id, ("@keys", keys), ("@count", items.Length)) { Rows = items.Length });
    }

    /// <summary>The head is the row, if that is there; else all is as it was. What only the head before had goes, or is kept.</summary>
    private void AddMove(ConversationMove move, ChainTexts texts, params (string, object)[] names)
    {
        var keeps = move.KeepsBefore(_row.Kind, _row.Parent);
        _statements.Add(new(ConversationTexts.Settle, [names[0], names[1], names[2], ("@keeps", keeps ? 1 : 0)]));
        _statements.Add(new(ConversationTexts.TakeBack, [names[0], names[1], names[2]]));
        if (move.Former is { } former) Remove(former, texts, names[0]);
        if (keeps || move.Before is not { } before || before == _row.Parent) return;
        Remove(new(before, move.BeforeRoot ?? before), texts, names[0]);
    }

    private void Remove(FormerHead head, ChainTexts texts, (string, object) tenant)
    {
        (string, object) root = ("@root", head.Root.Value);
        (string, object) id = ("@id", head.Id.Value);
        _statements.Add(new(texts.HoldTreeOf, tenant, root));
        _statements.Add(new(texts.TakeOffOfRoot, tenant, id, root));
        _statements.Add(new(texts.RemoveHidden, tenant, id));
        _statements.Add(new(texts.RemoveEmptyTreeOf, tenant, root));
    }

    private static byte[] Names(IReadOnlyList<ContentPiece> pieces) => [.. pieces.SelectMany(piece => Convert.FromHexString(piece.Name))];

    private static byte[] Bytes(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var whole) && whole.Offset == 0 && whole.Count == whole.Array!.Length
            ? whole.Array : bytes.ToArray();
}
