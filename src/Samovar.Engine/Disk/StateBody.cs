using System.Runtime.InteropServices;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>How a file's tokens and state lie in memory: the tokens, then rows as one block, or a checkpoint.</summary>
internal static unsafe class StateBody
{
    /// <summary>A body of rows.</summary>
    /// <param name="parts">The rows of exactly these tokens.</param>
    public static NativeBytes Of(ReadOnlySpan<int> tokens, StateLayout layout, IReadOnlyList<RowSlice> parts)
    {
        var body = new NativeBytes((long)tokens.Length * (sizeof(int) + layout.BytesPerToken));
        tokens.CopyTo(TokensOf(body, tokens.Length));
        var (all, first) = (Rows(body, tokens.Length), 0);
        foreach (var part in parts)
        {
            layout.Copy(part, all.Part(first, part.Count));
            first += part.Count;
        }
        return body;
    }

    /// <summary>A body of a checkpoint.</summary>
    /// <param name="tokens">All tokens up to it.</param>
    public static NativeBytes Of(ReadOnlySpan<int> tokens, byte* data, long bytes)
    {
        var body = new NativeBytes((long)tokens.Length * sizeof(int) + bytes);
        tokens.CopyTo(TokensOf(body, tokens.Length));
        Buffer.MemoryCopy(data, State(body, tokens.Length), bytes, bytes);
        return body;
    }

    /// <summary>How many of a piece's tokens the prompt has at their place, from the piece's first on.</summary>
    public static int Common(PieceHead head, NativeBytes body, ReadOnlySpan<int> prompt) => head.Start >= prompt.Length ? 0
        : ((ReadOnlySpan<int>)TokensOf(body, head.End - head.Start)).CommonPrefixLength(prompt[head.Start..]);

    public static RowSlice Rows(NativeBytes body, int tokens) => new((nint)State(body, tokens), tokens, 0, 0, tokens);

    public static byte* State(NativeBytes body, int tokens) => body.Data + (long)tokens * sizeof(int);

    private static Span<int> TokensOf(NativeBytes body, int tokens) =>
        MemoryMarshal.Cast<byte, int>(body.Part(0, tokens * sizeof(int)));
}
