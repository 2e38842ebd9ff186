using System.Buffers.Binary;

namespace Samovar.Engine.Grammars;

/// <summary>How a line stands that is looked at for the marks of a quotation.</summary>
internal enum LineStart : byte { Space, OneTick, TwoTicks, Past }

/// <summary>How far the watch for triggers is: all that the next byte is judged by.</summary>
/// <param name="Part">The quiet part that it is in; −1 for none.</param>
/// <param name="Line">How the line begins.</param>
/// <param name="IsQuoted">Whether it is within a quotation.</param>
/// <param name="IsFresh">Whether nothing was said yet.</param>
internal readonly record struct WatchPlace(int Part, LineStart Line, bool IsQuoted, bool IsFresh)
{
    private const int HeadBytes = 4;

    /// <summary>Together with the texts that have begun, each with the signs of it that were seen, in an order of their own.</summary>
    public byte[] With(SortedSet<(int Text, int Seen)> begun)
    {
        var bytes = new byte[HeadBytes + 4 * begun.Count];
        BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)Part);
        (bytes[2], bytes[3]) = ((byte)Line, (byte)((IsQuoted ? 1 : 0) + (IsFresh ? 2 : 0)));
        var at = HeadBytes;
        foreach (var (text, seen) in begun)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)text);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2), (ushort)seen);
            at += 4;
        }
        return bytes;
    }

    public static WatchPlace Of(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt16LittleEndian(bytes), (LineStart)bytes[2], (bytes[3] & 1) != 0, (bytes[3] & 2) != 0);

    public static IEnumerable<(int Text, int Seen)> Begun(byte[] bytes)
    {
        for (var at = HeadBytes; at < bytes.Length; at += 4)
            yield return (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at)),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2)));
    }
}
