using Samovar.Engine.Native;

namespace Samovar.Engine.Llama;

/// <summary>What a model takes of memory, wherever it lies: weights, cells, and what may be parked. Working memory comes beside.</summary>
public static class EngineMemory
{
    /// <summary>As far as its file shows, before it is loaded.</summary>
    /// <exception cref="EngineLoadException">The file cannot be used.</exception>
    public static long Expected(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (GgufFile.FaultOf(options.ModelPath!) is { } fault) throw new EngineLoadException(fault);
        var bytes = ModelParts.Bytes(options.ModelPath!) + options.ParkedBytesMax;
        if (LlamaLibrary.Folder is null) return bytes; // which library is loaded, the first model's device says
        var size = LlamaModel.SizeOf(options.ModelPath!);
        var shape = ContextShape.Choose(options, size);
        return bytes + size.StateBytes(shape.KvType, shape.ContextTokens) * shape.Streams;
    }

    /// <summary>Of a loaded model.</summary>
    public static long Held(EngineOptions options, ModelFacts model)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ModelParts.Bytes(options.ModelPath!) + Cells(model) + options.ParkedBytesMax;
    }

    /// <summary>Of its key and value cells.</summary>
    public static long Cells(ModelFacts model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Streams * ((long)model.ContextTokens * model.StateBytesPerToken + model.StateBytesPerSequence);
    }
}
