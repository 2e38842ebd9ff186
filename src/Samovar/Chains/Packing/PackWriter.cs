using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Samovar.Chains.Packing;

/// <summary>Writes values one behind the other, small numbers in few bytes.</summary>
/// <param name="room">How many bytes are expected.</param>
internal sealed class PackWriter(int room = 1024)
{
    private const int VarintBytesMax = 10;
    private readonly ArrayBufferWriter<byte> _bytes = new(room);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;
    public int Length => _bytes.WrittenCount;

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Number(ulong value)
    {
        var span = _bytes.GetSpan(VarintBytesMax);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        _bytes.Advance(length);
    }

    /// <param name="value">Not below zero.</param>
    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Number((ulong)value);
    }

    public void Signed(long value) => Number((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Plain(value);
    }

    /// <summary>Without its length.</summary>
    public void Plain(ReadOnlySpan<byte> value) => _bytes.Write(value);

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length)));
    }

    public void OptionalText(string? value)
    {
        Flag(value is not null);
        if (value is not null) Text(value);
    }
}
