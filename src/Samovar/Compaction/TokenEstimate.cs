using Samovar.Backends;
using Samovar.Protocol.Items;

namespace Samovar.Compaction;

/// <summary>About how many tokens a turn's prompt has, where nobody here can count them: as many as its upstream has said, and the rest
/// by its bytes.</summary>
internal static class TokenEstimate
{
    private const int BytesOfToken = 4;

    public static int Of(BackendTurn turn)
    {
        var context = turn.Context;
        if (context.Parent is { IsOpened: false, Response.Usage: { } usage })
            return usage.InputTokens + usage.OutputTokens + Tokens(Bytes(context.Input));
        return Tokens(WholeBytes(turn));
    }

    /// <summary>The part of a turn's prompt that some of its items are, by their bytes.</summary>
    public static double ShareOf(BackendTurn turn, IEnumerable<Item> items) => (double)Bytes(items) / Math.Max(1, WholeBytes(turn));

    private static long WholeBytes(BackendTurn turn) =>
        Bytes(turn.Context.AllItems()) + turn.Tools.Json.Utf8.Length + (turn.Instructions?.Length ?? 0);
    /// <summary>Of items alone, by their bytes: so that a window can be compared with what it stands for.</summary>
    public static int Of(IEnumerable<Item> items) => Tokens(Bytes(items));

    private static long Bytes(IEnumerable<Item> items) => items.Sum(static item => (long)item.Json.Utf8.Length);

    private static int Tokens(long bytes) => (int)Math.Min(bytes / BytesOfToken, int.MaxValue);
}
