using System.Buffers;
using Samovar.Protocol.Items;

namespace Samovar.Chains.Packing;

/// <summary>The input of a turn that has no response yet, as bytes: as many numbers as items, their lengths, and their JSON as it
/// came.</summary>
internal static class InputPacking
{
    private const byte Version = 1;

    public static byte[] Pack(IReadOnlyList<Item> input)
    {
        var packed = new PackWriter();
        packed.Number(input.Count);
        foreach (var item in input) packed.Number(item.Json.Utf8.Length);
        foreach (var item in input) packed.Plain(item.Json.Utf8.Span);
        return Squeezed.Pack(packed.Written, Version);
    }

    /// <exception cref="InvalidDataException">The bytes are broken, or of a newer form.</exception>
    public static IReadOnlyList<Item> Unpack(ReadOnlySpan<byte> packed)
    {
        var rented = Squeezed.Unpack(packed, Version, out var length);
        try
        {
            var reader = new PackReader(rented.AsSpan(0, length));
            var lengths = new int[reader.Entries()];
            for (var i = 0; i < lengths.Length; i++) lengths[i] = reader.Count();
            ReadOnlyMemory<byte> json = reader.Remaining.ToArray(); // the items keep it, and nothing else
            var items = new Item[lengths.Length];
            for (int i = 0, at = 0; i < items.Length; at += lengths[i++]) items[i] = ItemPacking.Read(json, at, lengths[i]);
            return items;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
