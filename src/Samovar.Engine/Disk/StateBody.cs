using System.Runtime.InteropServices;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>How a file's tokens and state lie in memory: the tokens, then rows as one block, or a checkpoint.</summary>
internal static unsafe class StateBody
{
    /// <summary>A body of rows.</summary>
    /// <param name="path">All tokens up to their end.</param>
    /// <param name="parts">The rows of the piece's own tokens.</param>
    public static NativeBytes Of(PieceHead head, ReadOnlySpan<int> path, StateLayout layout, IReadOnlyList<RowSlice> parts)
    {
        var body = new NativeBytes(head.BodyBytes);
        path[head.FirstToken..head.End].CopyTo(TokensOf(body, head.BodyTokens));
        var (all, first) = (Rows(body, head), 0);
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

    /// <summary>The head of the front of a piece of rows.</summary>
    public static PieceHead CutAt(DiskPiece piece, NativeBytes body, int until)
    {
        var (head, step) = (piece.Head, until / PathHashes.StepTokens * PathHashes.StepTokens);
        var tokens = TokensOf(body, head.BodyTokens)[(step - head.FirstToken)..(until - head.FirstToken)];
        return head.CutAt(until, PathHashes.Behind(piece.Keys, head.Steps[(step - head.FirstStep) / PathHashes.StepTokens], tokens));
    }

    /// <summary>The front of a body of rows, as a body of its own.</summary>
    public static NativeBytes Front(PieceHead head, NativeBytes body, PieceHead front, StateLayout layout)
    {
        var cut = new NativeBytes(front.BodyBytes);
        TokensOf(body, head.BodyTokens)[..front.BodyTokens].CopyTo(TokensOf(cut, front.BodyTokens));
        layout.Copy(Rows(body, head).Part(0, front.End - front.Start), Rows(cut, front));
        return cut;
    }

    /// <summary>The place up to which a piece's tokens are the prompt's.</summary>
    public static int Until(PieceHead head, NativeBytes body, ReadOnlySpan<int> prompt) => head.FirstToken >= prompt.Length ? 0
        : head.FirstToken + ((ReadOnlySpan<int>)TokensOf(body, head.BodyTokens)).CommonPrefixLength(prompt[head.FirstToken..]);

    public static RowSlice Rows(NativeBytes body, PieceHead head)
    {
        var count = head.End - head.Start;
        return new RowSlice((nint)State(body, head.BodyTokens), count, 0, 0, count);
    }

    public static byte* State(NativeBytes body, int tokens) => body.Data + (long)tokens * sizeof(int);

    public static Span<int> TokensOf(NativeBytes body, int tokens) =>
        MemoryMarshal.Cast<byte, int>(body.Part(0, tokens * sizeof(int)));
}
