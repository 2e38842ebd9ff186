using System.Buffers.Binary;
using System.Text;

namespace Samovar.Chains.Packing;

/// <summary>Reads what <see cref="PackWriter"/> wrote. Bytes that end too early are <see cref="InvalidDataException"/>.</summary>
internal ref struct PackReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Remaining => _left;

    public byte Byte() => Plain(1)[0];

    public bool Flag() => Byte() != 0;

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw new InvalidDataException("a number does not end");
    }

    /// <summary>A length or a place: not more than fits an array.</summary>
    public int Count()
    {
        var value = Number();
        return value <= int.MaxValue ? (int)value : throw new InvalidDataException("a count is too large");
    }

    /// <summary>How many follow, of what takes a byte each at least: nothing is made for more than can be there.</summary>
    public int Entries()
    {
        var count = Count();
        return count <= _left.Length ? count : throw new InvalidDataException("a count is too large");
    }

    public long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Plain(sizeof(double)));

    public ReadOnlySpan<byte> Bytes() => Plain(Count());

    public ReadOnlySpan<byte> Plain(int length)
    {
        if (length > _left.Length) throw new InvalidDataException("the bytes end too early");
        var read = _left[..length];
        _left = _left[length..];
        return read;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public string? OptionalText() => Flag() ? Text() : null;
}
