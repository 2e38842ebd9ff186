using System.Buffers;
using System.Collections.ObjectModel;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains.Packing;

/// <summary>A response of a chain as the row that a store keeps, and back.</summary>
/// <remarks>
/// (1) A head: where its items are, its settings as far as they are not its parent's, what its last snapshot says, its open calls, what
/// its client had left out, and its backend's own memory. (2) Its items' JSON as it came. Both are compressed as one. A form that was
/// written once is read for ever; a newer one than is known here is refused.
/// </remarks>
internal static class ChainPacking
{
    /// <summary>The form that is written.</summary>
    public const byte Version = 1;

    /// <exception cref="InvalidOperationException">The response, or one that it continues, was not to be stored.</exception>
    public static ChainRow Pack(ChainNode node, ChainClaim claim, IStatePacking? states = null)
    {
        if (!node.Store || node.Parent is { Store: false }) // what says store:false leaves no byte in any store
            throw new InvalidOperationException($"{node.Id} is not to be stored.");
        var pieces = new StoredPieces();
        var head = new PackWriter();
        WriteHead(head, pieces, node, states?.Pack(node));
        var body = new PackWriter(sizeof(long) + head.Length + node.Input.Concat(node.Output).Sum(static item => item.Json.Utf8.Length));
        body.Bytes(head.Written);
        ItemPacking.WriteJson(body, node);
        return new ChainRow
        {
            Tenant = node.Tenant,
            Id = node.Id,
            Parent = node.Parent?.Id,
            Root = node.Root,
            Depth = node.Depth,
            CreatedAt = node.Response.CreatedAt,
            Claim = claim,
            Body = Squeezed.Pack(body.Written, Version),
            Pieces = pieces.Pieces,
            ItemIds = ItemIds(node),
            ChainItems = node.ChainItemCount,
            ChainBytes = node.ChainBytes,
            Kind = node.Kind,
            Model = node.Kind == RowKind.ChatCompletion ? node.Response.Model : null,
            Metadata = node.Kind == RowKind.ChatCompletion ? node.Response.Request.Metadata.Utf8 : default,
        };
    }

    /// <summary>The response behind its parent.</summary>
    /// <exception cref="InvalidDataException">The row cannot be read.</exception>
    public static ChainNode Unpack(ChainRow row, ChainNode? parent, IStatePacking? states) => Read(row, body =>
    {
        var head = new PackReader(body.Head.Span);
        var at = 0;
        var input = ItemPacking.Read(ref head, body.Json, ref at, row.Pieces);
        var output = ItemPacking.Read(ref head, body.Json, ref at, row.Pieces);
        var echo = SettingsPacking.Read(ref head, row.Pieces, parent?.Response);
        var response = ResponsePacking.Read(ref head, echo, output, parent);
        if (response.Id != row.Id) throw new InvalidDataException("it is another response's");
        var open = ReadOpenCalls(ref head);
        var unsent = UnsentPacking.Read(ref head, parent);
        var packed = ReadState(ref head, row);
        var state = packed is null ? null : states?.Read(packed, new StoredTurn(parent, input, response));
        return new ChainNode
        {
            Tenant = row.Tenant,
            Id = response.Id,
            Kind = row.Kind,
            Parent = parent,
            Input = input,
            Response = response,
            OpenCalls = open,
            Unsent = unsent,
            State = state,
            Bytes = NodeWeight.OfStored(input, response, state, parent),
        };
    });

    /// <summary>One of the response's own items, its chain left where it is.</summary>
    /// <exception cref="InvalidDataException">The row cannot be read.</exception>
    public static Item? FindItem(ChainRow row, string itemId)
    {
        var (input, output) = ItemsOf(row);
        return output.LastOrDefault(item => item.Id == itemId) ?? input.LastOrDefault(item => item.Id == itemId);
    }

    /// <summary>The response's own items, its chain left where it is.</summary>
    /// <exception cref="InvalidDataException">The row cannot be read.</exception>
    public static (IReadOnlyList<Item> Input, IReadOnlyList<Item> Output) ItemsOf(ChainRow row) => Read(row, body =>
    {
        var head = new PackReader(body.Head.Span);
        var at = 0;
        var input = ItemPacking.Read(ref head, body.Json, ref at, row.Pieces);
        return (input, ItemPacking.Read(ref head, body.Json, ref at, row.Pieces));
    });

    /// <summary>The response, its chain left where it is; null where its settings are its parent's, and so not in its row.</summary>
    /// <exception cref="InvalidDataException">The row cannot be read.</exception>
    public static Response? ResponseOf(ChainRow row) => Read(row, body =>
    {
        var head = new PackReader(body.Head.Span);
        var at = 0;
        ItemPacking.Read(ref head, body.Json, ref at, row.Pieces);
        var output = ItemPacking.Read(ref head, body.Json, ref at, row.Pieces);
        return SettingsPacking.AreParents(head) ? null
            : ResponsePacking.Read(ref head, SettingsPacking.Read(ref head, row.Pieces, parent: null), output, parent: null);
    });

    private static void WriteHead(PackWriter head, StoredPieces pieces, ChainNode node, PackedState? state)
    {
        ItemPacking.Write(head, pieces, node);
        SettingsPacking.Write(head, pieces, node.Response, node.Parent?.Response);
        ResponsePacking.Write(head, node.Response);
        head.Number(node.OpenCalls.Count);
        foreach (var call in node.OpenCalls) head.Text(call);
        UnsentPacking.Write(head, node);
        head.Flag(state is not null);
        if (state is null) return;
        head.Text(state.Kind);
        head.Bytes(state.Bytes.Span);
        head.Number(state.Parts.Count);
        foreach (var part in state.Parts) head.Number(pieces.Add(part.Span));
    }

    private static PackedState? ReadState(ref PackReader head, ChainRow row)
    {
        if (!head.Flag()) return null;
        var (kind, bytes) = (head.Text(), head.Bytes().ToArray());
        var parts = new ReadOnlyMemory<byte>[head.Entries()];
        for (var i = 0; i < parts.Length; i++) parts[i] = StoredPieces.Read(row.Pieces, head.Count());
        return new PackedState(kind, bytes) { Parts = parts };
    }

    private static T Read<T>(ChainRow row, Func<StoredBody, T> read)
    {
        try
        {
            var rented = Squeezed.Unpack(row.Body.Span, Version, out var length);
            try
            {
                var reader = new PackReader(rented.AsSpan(0, length));
                var headBytes = reader.Bytes().Length;
                var json = reader.Remaining.ToArray(); // the items keep it, and nothing else
                return read(new StoredBody(rented.AsMemory(length - json.Length - headBytes, headBytes), json));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
        catch (Exception broken) when (broken is not InvalidDataException) // the row: it comes from a disk, and may say anything
        {
            throw new InvalidDataException(broken.Message, broken);
        }
    }

    private static IReadOnlySet<string> ReadOpenCalls(ref PackReader head)
    {
        var count = head.Count();
        if (count == 0) return ReadOnlySet<string>.Empty;
        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++) open.Add(head.Text());
        return open;
    }

    private static List<string> ItemIds(ChainNode node)
    {
        var ids = new List<string>(node.Input.Count + node.Output.Count);
        foreach (var item in node.Input.Concat(node.Output))
            if (item.Id is { } id) ids.Add(id);
        return ids;
    }

    private readonly record struct StoredBody(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Json);
}
