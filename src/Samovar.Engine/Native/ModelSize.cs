namespace Samovar.Engine.Native;

/// <summary>What a model asks of memory, as far as the head of its file shows.</summary>
/// <param name="StateElementsPerToken">Key and value elements of one token over all layers.</param>
/// <param name="StateBytesPerStream">Bytes of what a stream has whatever its length: recurrent state.</param>
internal sealed record ModelSize(int Layers, int TrainedContext, long StateElementsPerToken, long StateBytesPerStream = 0)
{
    private const int SixteenBits = 2;

    public static ModelSize Of(GgufMetadata file)
    {
        var state = StateShape.Of(file); // windows are kept in full: so a stream can be cut
        return new ModelSize(Whole(file.Number("block_count")), Whole(file.Number("context_length")), state.BytesPerToken / SixteenBits,
            state.BytesPerSequence);
    }

    /// <summary>Bytes of state of one token.</summary>
    public long StateBytesPerToken(string kvType) => StateElementsPerToken * KvTypes.BytesOf32(kvType) / 32;

    /// <summary>Bytes of the state of a stream of so many tokens.</summary>
    public long StateBytes(string kvType, long tokens) => StateBytesPerToken(kvType) * tokens + StateBytesPerStream;

    private static int Whole(double? number) => (int)Math.Clamp(number ?? 0, 0, int.MaxValue);
}
