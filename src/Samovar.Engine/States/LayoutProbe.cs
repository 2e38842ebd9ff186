using Samovar.Engine.Native;

namespace Samovar.Engine.States;

/// <summary>Learns how this library writes this model's state, from a few decoded tokens, and proves it by writing the same
/// bytes.</summary>
internal static unsafe class LayoutProbe
{
    private const int ProbeTokens = 3;

    public static ProbedState Learn(LlamaContext context, ITokenizer tokenizer, int streams)
    {
        var stream = streams - 1;
        var first = tokenizer.BeginOfText ?? tokenizer.EndOfTurn ?? 0;
        var tokens = new int[ProbeTokens];
        for (var position = 0; position < ProbeTokens; position++) // one by one: there may be no room for more in a batch
        {
            tokens[position] = (first + position) % Math.Max(1, tokenizer.VocabularySize); // tokens that differ, where cells name them
            context.ClearBatch();
            context.Add(tokens[position], position, stream, output: true);
            if (context.Decode(threads: 1) != DecodeResult.Done)
                throw new EngineLoadException($"The model does not decode. {LlamaLibrary.TakeError()}");
        }
        var (state, atEnd) = (Save(context, stream, StatePart.Whole), Save(context, stream, StatePart.AtEnd));
        try
        {
            if (state.Length == 0 || atEnd.Length == 0) return new ProbedState(null, state.Length, atEnd.Length, 0);
            var window = StateLayout.Learn(atEnd, streams)?.BytesPerToken ?? 0;
            var suffix = atEnd.Length < state.Length ? atEnd : [];
            var layout = StateLayout.Learn(state, streams, suffix) is { } learnt && IsProven(context, learnt, stream, state, suffix, tokens)
                ? learnt : null;
            return new ProbedState(layout, state.Length, atEnd.Length, window);
        }
        finally
        {
            context.Empty(stream);
        }
    }

    /// <summary>Whether a state that is put together from two parts has the same bytes, and does as it is, as libllama's own.</summary>
    private static bool IsProven(LlamaContext context, StateLayout layout, int stream, byte[] state, byte[] suffix, int[] tokens)
    {
        var copy = (byte[])state.Clone();
        var rowBytes = state.Length - Math.Max(0, suffix.Length - StateLayout.PrefixBytes);
        Array.Clear(copy, 0, rowBytes);
        fixed (byte* saved = state)
        fixed (byte* spliced = copy)
        {
            if (layout.Open(saved, rowBytes, 0, ProbeTokens) is not { } rows) return false;
            layout.Splice(spliced, stream, [rows.Part(0, 1), rows.Part(1, ProbeTokens - 1)], tokens);
            if (!state.AsSpan().SequenceEqual(copy)) return false;
            context.Empty(stream);
            return context.LoadState(stream, spliced, copy.Length) && context.Length(stream) == ProbeTokens
                && Save(context, stream, StatePart.Whole).AsSpan().SequenceEqual(state);
        }
    }

    private static byte[] Save(LlamaContext context, int stream, StatePart part)
    {
        var state = new byte[context.StateSize(stream, part)];
        fixed (byte* target = state) return context.SaveState(stream, target, state.Length, part) == state.Length ? state : [];
    }
}

/// <summary>What a probe found.</summary>
/// <param name="Layout">How rows are written; null where that was not recognised.</param>
/// <param name="WholeBytes">Bytes of the probe's state.</param>
/// <param name="AtEndBytes">Those of it that its end alone decides; as many where all of it does, or nothing can be told apart.</param>
/// <param name="WindowBytesPerToken">Bytes of one token in the layers that keep a window; 0 where none does.</param>
internal sealed record ProbedState(StateLayout? Layout, long WholeBytes, long AtEndBytes, int WindowBytesPerToken)
{
    /// <summary>Bytes of one token in the cells of all layers; null where that was not recognised.</summary>
    public int? BytesPerToken => Layout is null ? null
        : Layout.BytesPerToken + (AtEndBytes < WholeBytes ? WindowBytesPerToken : 0);
}
