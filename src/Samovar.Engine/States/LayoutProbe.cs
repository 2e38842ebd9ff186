using Samovar.Engine.Native;

namespace Samovar.Engine.States;

/// <summary>Learns how this library writes this model's state, from a few decoded tokens, and proves it by writing the same
/// bytes.</summary>
internal static unsafe class LayoutProbe
{
    private const int ProbeTokens = 3;

    public static StateLayout? Learn(LlamaContext context, ITokenizer tokenizer, int streams)
    {
        var stream = streams - 1;
        var token = tokenizer.BeginOfText ?? tokenizer.EndOfTurn ?? 0;
        context.ClearBatch();
        for (var position = 0; position < ProbeTokens; position++)
            context.Add(token, position, stream, output: position == ProbeTokens - 1);
        if (context.Decode(threads: 1) != DecodeResult.Done)
            throw new EngineLoadException($"The model does not decode. {LlamaLibrary.TakeError()}");
        var state = new byte[context.StateSize(stream)];
        var copy = new byte[state.Length];
        fixed (byte* saved = state)
        fixed (byte* spliced = copy)
        {
            var size = context.SaveState(stream, saved, state.Length);
            context.Empty(stream);
            if (size != state.Length || StateLayout.Learn(state, streams) is not { } layout) return null;
            if (layout.Open(saved, size, 0, ProbeTokens) is not { } rows) return null;
            layout.Splice(spliced, stream, [rows.Part(0, 1), rows.Part(1, ProbeTokens - 1)]);
            return state.AsSpan().SequenceEqual(copy) ? layout : null;
        }
    }
}
