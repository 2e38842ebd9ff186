using Samovar.Engine.Drafting;
using Samovar.Engine.Native;
using Samovar.Engine.States;

namespace Samovar.Engine.Decoding;

/// <summary>Measures what batches cost on this machine, before the first turn: by the engine's thread, on a stream that is empty.</summary>
/// <remarks>
/// What counts is the least of several runs, and only where two of them agree: on a machine that is too busy to tell, what is usual is
/// taken. How costs grow with the context is measured behind a state that is made up: its rows are copies of one token's.
/// </remarks>
internal sealed unsafe class DraftTrial(LlamaContext context, StateLayout? layout, ContextShape shape, int loneThreads, TimeProvider time)
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMilliseconds(800);
    /// <summary>What says most about all others first: kernels change between the smallest batches and those from about 8 on.</summary>
    private static readonly int[] Order = [1, 8, 32, 2, 16, 4];

    private const double Agreeing = 1.15;
    private const int RunsMax = 12, SizesMin = 2;
    private const int DepthMax = 2048, DepthMin = 256, DepthSize = 8;
    private const long DepthBytesMax = 64 << 20;
    private readonly int _stream = shape.Streams - 1;
    private long _began;

    /// <summary>The costs; what is usual, as far as they could not be measured in time.</summary>
    /// <param name="token">Any ordinary one.</param>
    /// <param name="usual">What is usual.</param>
    public DraftCosts Run(int token, DraftCosts usual)
    {
        _began = time.GetTimestamp();
        try
        {
            var measured = new SortedDictionary<int, double>();
            foreach (var size in Order)
                if (size <= shape.DraftTokens + 1 && Measure(token, 0, size) is { } seconds) measured[size] = seconds;
            if (measured.Count < SizesMin || !measured.ContainsKey(1)) return usual;
            return Deep(token, measured, DraftCosts.Of(measured, usual));
        }
        finally
        {
            context.Empty(_stream);
        }
    }

    private DraftCosts Deep(int token, SortedDictionary<int, double> flat, DraftCosts costs)
    {
        var depth = Math.Min(DepthMax, Math.Min(shape.ContextTokens / 2, (int)(DepthBytesMax / Math.Max(1, layout?.BytesPerToken ?? 1))));
        if (depth < DepthMin || !Fill(token, depth)) return costs;
        var size = flat.Keys.Last(size => size <= Math.Max(DepthSize, flat.Keys.ElementAt(1)));
        if (Measure(token, depth, 1) is not { } lone || Measure(token, depth, size) is not { } batch) return costs;
        return costs with
        {
            LoneDepth = Math.Max(0, lone - flat[1]) / flat[1] / depth,
            BatchDepth = Math.Max(0, batch - flat[size]) / flat[1] / depth / size,
        };
    }

    /// <summary>Seconds of a batch; null where no two runs agree within the time.</summary>
    private double? Measure(int token, int depth, int size)
    {
        var (least, second) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var run = 0; run < RunsMax; run++)
        {
            if (time.GetElapsedTime(_began) > TimeMax || Seconds(token, depth, size) is not { } took) return null;
            if (run == 0) continue; // it makes the graph
            (least, second) = took < least ? (took, least) : (least, Math.Min(second, took));
            if (run > 2 && second <= least * Agreeing) return least;
        }
        return null;
    }

    private double? Seconds(int token, int depth, int size)
    {
        context.Truncate(_stream, depth);
        context.ClearBatch();
        for (var at = 0; at < size; at++) context.Add(token, depth + at, _stream, output: true);
        var began = time.GetTimestamp();
        if (context.Decode(size == 1 ? loneThreads : shape.Threads) != DecodeResult.Done) return null;
        context.Wait();
        return time.GetElapsedTime(began).TotalSeconds;
    }

    private bool Fill(int token, int depth)
    {
        context.Empty(_stream);
        if (layout is null || Seconds(token, 0, 1) is null) return false;
        var state = new byte[context.StateSize(_stream)];
        var filled = new byte[layout.Size(depth)];
        fixed (byte* saved = state)
        fixed (byte* made = filled)
        {
            if (layout.Open(saved, context.SaveState(_stream, saved, state.Length), 0, 1) is not { } row) return false;
            layout.Splice(made, _stream, [.. Enumerable.Repeat(row, depth)], [.. Enumerable.Repeat(token, depth)]);
            context.Empty(_stream);
            return context.LoadState(_stream, made, filled.Length);
        }
    }
}
