using System.Buffers.Binary;
using System.Text;

namespace Samovar.Tests.Monitoring.Otlp;

/// <summary>A protobuf message as the wire has it: numbered fields, whose names only their reader knows.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtoMessage(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var tag = Varint(ref bytes);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: _fields.Add((number, Varint(ref bytes), default)); break;
                case 1: _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8).Span), default)); break;
                case 2: _fields.Add((number, 0, Take(ref bytes, (int)Varint(ref bytes)))); break;
                case 5: _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4).Span), default)); break;
                default: throw new InvalidDataException($"Wire type {tag & 7}.");
            }
        }
    }

    public IEnumerable<ProtoMessage> All(int number) => Fields(number).Select(field => new ProtoMessage(field.Bytes));

    public ReadOnlyMemory<byte> Bytes(int number) => Fields(number).FirstOrDefault().Bytes;

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).Span);

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number).Span);

    public ulong Number(int number) => Fields(number).FirstOrDefault().Value;

    public bool Has(int number) => Fields(number).Any();

    private IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(int number) =>
        _fields.Where(field => field.Number == number);

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> bytes, int length)
    {
        var taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = Take(ref bytes, 1).Span[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
            shift += 7;
        }
    }
}
