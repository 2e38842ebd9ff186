namespace Samovar.Engine.Native;

/// <summary>What a model asks of memory, as the head of its file shows.</summary>
/// <param name="StateElementsPerToken">Key and value elements of one token over all layers.</param>
/// <param name="StateBytesPerSequence">Bytes of the state that a sequence has whatever its length.</param>
internal sealed record ModelSize(int Layers, int TrainedContext, long StateElementsPerToken, long StateBytesPerSequence = 0)
{
    /// <summary>How the model remembers.</summary>
    public MemoryKind Kind { get; init; }

    private const int HalfBytes = 2; // the shape counts keys and values in 16 bits

    public static ModelSize Of(string path)
    {
        var file = GgufMetadata.Read(path);
        var shape = StateShape.Of(file); // windows are kept in full: so a stream can be cut
        return new ModelSize(Number("block_count"), Number("context_length"), shape.BytesPerToken / HalfBytes, shape.BytesPerSequence)
        {
            Kind = shape.Kind,
        };

        int Number(string key) => (int)Math.Clamp(file.Number(key) ?? 0, 0, int.MaxValue);
    }

    /// <summary>Bytes of state of one token.</summary>
    public long StateBytesPerToken(string kvType) => StateElementsPerToken * KvTypes.BytesOf32(kvType) / 32;

    /// <summary>Bytes of the state of a sequence of so many tokens.</summary>
    public long StateBytes(string kvType, long tokens) => StateBytesPerToken(kvType) * tokens + StateBytesPerSequence;
}
