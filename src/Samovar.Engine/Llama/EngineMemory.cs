using Samovar.Engine.Devices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Llama;

/// <summary>Finds out what a model takes of memory.</summary>
public static class EngineMemory
{
    /// <summary>As the head of its file says, before it is loaded.</summary>
    /// <param name="deviceRoom">Bytes that a device has for weights and cells; 0 without one.</param>
    /// <exception cref="EngineLoadException">The file cannot be used.</exception>
    public static ModelMemory Expected(EngineOptions options, long deviceRoom = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (size, weights) = (ModelSize.Of(options.ModelPath!), ModelParts.Bytes(options.ModelPath!));
        var plan = deviceRoom > 0 ? LayerFit.Plan(options, size, weights, deviceRoom, ContextShape.HostRoom) : null;
        var shape = ContextShape.Choose(options, size, plan?.StateRoom ?? 0);
        return new ModelMemory(size.Kind, weights, shape.CellsBytes(size), options.ParkedBytesMax);
    }

    /// <summary>Of a loaded model, whose context and streams are known.</summary>
    public static ModelMemory Held(EngineOptions options, ModelFacts model)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        var size = ModelSize.Of(options.ModelPath!);
        var shape = new ContextShape(model.ContextTokens, model.Streams, options.BatchTokens, 1, options.KvType);
        return new ModelMemory(size.Kind, ModelParts.Bytes(options.ModelPath!), shape.CellsBytes(size), options.ParkedBytesMax);
    }

    /// <summary>Bytes for weights and cells on the device that models would be loaded onto; 0 where the CPU takes them.</summary>
    /// <remarks>As a load does, it binds this process to that device's library, where a trial of it passed.</remarks>
    public static long DeviceRoom(EngineOptions options, IDeviceTrial? trial)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.GpuLayers == 0) return 0;
        foreach (var attempt in DeviceAttempt.All(options, NativePackage.Installed(), trial is not null))
            try
            {
                if (attempt.FaultOf(trial) is null) return LayerFit.Room(attempt.Choose());
            }
            catch (EngineLoadException)
            {
                // the load itself says why
            }
        return 0;
    }
}
