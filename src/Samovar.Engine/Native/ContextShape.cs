namespace Samovar.Engine.Native;

/// <summary>Sizes and types of a context.</summary>
internal sealed record ContextShape(int ContextTokens, int Streams, int BatchTokens, int Threads, string KvType)
{
    private const int DefaultContextMax = 32_768;
    private const int DefaultStreamsMax = 8;
    private const int MemoryShare = 4;
    private const long ParametersPerThread = 32_000_000;

    /// <summary>What the options say, and for what they leave open something that fits the model and the machine.</summary>
    public static ContextShape Choose(EngineOptions options, LlamaModel model)
    {
        var trained = model.TrainedContext > 0 ? model.TrainedContext : DefaultContextMax;
        var context = options.ContextTokens > 0 ? options.ContextTokens : Math.Min(trained, DefaultContextMax);
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var shape = new ContextShape(context, 1, options.BatchTokens, threads, options.KvType);
        var fitting = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryShare / Math.Max(1, shape.StateBytesPerToken(model) * context);
        var streams = options.Streams > 0 ? options.Streams : (int)Math.Clamp(Math.Min(threads * 2L, fitting), 1, DefaultStreamsMax);
        return shape with { Streams = streams, BatchTokens = Math.Max(options.BatchTokens, streams) };
    }

    /// <summary>Threads of a single token. A matter of the model alone: with their number the sums of its attention change.</summary>
    public int DecodeThreads(EngineOptions options, long parameters) =>
        (int)Math.Clamp(options.DecodeThreads > 0 ? options.DecodeThreads : parameters / ParametersPerThread, 1, Threads);

    /// <summary>Bytes of state of one token, as far as the model's metadata shows.</summary>
    public long StateBytesPerToken(LlamaModel model) => model.StateElementsPerToken * KvTypes.BytesOf32(KvType) / 32;
}
