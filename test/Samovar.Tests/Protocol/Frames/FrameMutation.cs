using System.Text;

namespace Samovar.Tests.Protocol.Frames;

/// <summary>Spoils a real frame in one of the ways that clients, networks and attackers do.</summary>
internal sealed class FrameMutation(Random random, byte[][] frames)
{
    private static readonly byte[][] Values =
    [
        .. new[]
        {
            "null", "true", "0", "-1", "1e999", "-1e999", "99999999999999999999", "0.1", "\"\"", "\"x\"", "[]", "{}", "[[]]", "[null]",
                "{\"type\":7}",
            "\"\\ud800\"", "\"\\u0000\"", "{\"type\":\"message\",\"role\":\"user\",\"content\":\"\\udfff\"}",
                "[{\"type\":\"compaction_trigger\"}]",
            "\"\\ud83d\\\\\"", "{\"\\ud800\":1,\"\\ud800\":2}", "1e-999", "-0", "\"resp_\"", "[{}]", "[1,2,3]",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public byte[] Next()
    {
        var frame = frames[random.Next(frames.Length)];
        for (var times = random.Next(1, 4); times > 0; times--) frame = Once(frame);
        return frame;
    }

    private byte[] Once(byte[] frame) => frame.Length == 0 ? [(byte)random.Next(256)] : random.Next(10) switch
    {
        0 => frame[..random.Next(frame.Length)],
        1 => frame[random.Next(frame.Length)..],
        2 => Flipped(frame),
        3 => Spliced(frame, random.Next(frame.Length), 0, [(byte)random.Next(256)]),
        4 => Spliced(frame, random.Next(frame.Length), 1, []),
        5 => Crossed(frame),
        6 => Nested(frame),
        7 => Doubled(frame),
        _ => Swapped(frame),
    };

    private byte[] Flipped(byte[] frame)
    {
        var flipped = (byte[])frame.Clone();
        flipped[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private byte[] Crossed(byte[] frame)
    {
        var other = frames[random.Next(frames.Length)];
        return [.. frame.AsSpan(0, random.Next(frame.Length)), .. other.AsSpan(random.Next(other.Length))];
    }

    /// <summary>Another value after some colon: a wrong type, a huge number, half a pair.</summary>
    private byte[] Swapped(byte[] frame)
    {
        var (start, end) = Value(frame);
        return Spliced(frame, start, end - start, Values[random.Next(Values.Length)]);
    }

    private byte[] Nested(byte[] frame)
    {
        var (start, end) = Value(frame);
        var depth = random.Next(1, 200);
        byte[] deep = [.. Enumerable.Repeat((byte)'[', depth), .. frame.AsSpan(start, end - start),
            .. Enumerable.Repeat((byte)']', depth)];
        return Spliced(frame, start, end - start, deep);
    }

    /// <summary>A field twice: the text between two commas again.</summary>
    private byte[] Doubled(byte[] frame)
    {
        var from = frame.AsSpan(random.Next(frame.Length)).IndexOf((byte)',') + 1;
        var length = frame.AsSpan(from).IndexOf((byte)',') + 1;
        return length <= 0 ? frame : Spliced(frame, from, 0, frame.AsSpan(from, length).ToArray());
    }

    /// <summary>From after a colon to the next comma or bracket: mostly a value.</summary>
    private (int Start, int End) Value(byte[] frame)
    {
        var start = random.Next(frame.Length);
        var colon = frame.AsSpan(start).IndexOf((byte)':');
        start = colon < 0 ? start : start + colon + 1;
        var length = frame.AsSpan(start).IndexOfAny(",}]"u8);
        return (start, length < 0 ? frame.Length : start + length);
    }

    private static byte[] Spliced(byte[] frame, int at, int removed, byte[] added) =>
        [.. frame.AsSpan(0, at), .. added, .. frame.AsSpan(at + removed)];
}
