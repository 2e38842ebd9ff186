using System.Runtime.InteropServices;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>A stream that a turn runs on.</summary>
/// <param name="Flow">Whose turn it is.</param>
/// <param name="Used">What its flow has used.</param>
/// <param name="Served">What the turn computed since it got the stream, in prompt tokens.</param>
/// <param name="IsPaused">Whether it has long not gone on, because its reader is behind.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HeldStream(FlowId Flow, double Used, int Served, bool IsPaused);

/// <summary>Says whose stream is taken back when all are taken and somebody waits. Pure: the same streams give the same answer.</summary>
/// <remarks>
/// 1 a turn that is paused: it computes nothing; 2 a turn of the flow that holds most, where the one that waits holds two fewer or less:
/// then both hold as many or it is nearer to that; 3 where it holds one fewer there is nothing to even out, so they take turns: the flow
/// that used more gives, and not before its turn has computed a slice.
/// </remarks>
internal static class StreamShares
{
    /// <summary>What a turn may compute, in prompt tokens, before flows that hold as many streams as there are take turns.</summary>
    public const int SliceTokens = 2048;

    /// <summary>The stream to take back, by its index; −1 when the flow has to wait.</summary>
    public static int Victim(ReadOnlySpan<HeldStream> held, FlowId flow, double used)
    {
        var own = CountOf(held, flow);
        var (best, bestCount) = (-1, 0);
        for (var index = 0; index < held.Length; index++)
        {
            var stream = held[index];
            if (stream.IsPaused) return index;
            var count = CountOf(held, stream.Flow);
            var isOver = count >= own + 2 || (count == own + 1 && stream.Served >= SliceTokens && stream.Used > used);
            if (!isOver) continue;
            if (best < 0 || count > bestCount || (count == bestCount && GivesBefore(stream, held[best])))
                (best, bestCount) = (index, count);
        }
        return best;
    }

    private static bool GivesBefore(HeldStream one, HeldStream other) =>
        one.Used != other.Used ? one.Used > other.Used : one.Served >= other.Served; // of equals who got his stream last

    private static int CountOf(ReadOnlySpan<HeldStream> held, FlowId flow)
    {
        var count = 0;
        foreach (var stream in held)
            if (stream.Flow == flow) count++;
        return count;
    }
}
