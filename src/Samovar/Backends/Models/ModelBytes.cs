using Samovar.Engine;

namespace Samovar.Backends.Models;

/// <summary>Bytes of models, by where they lie.</summary>
/// <param name="Host">In the machine's memory.</param>
/// <param name="Device">In that of a GPU.</param>
internal readonly record struct ModelBytes(long Host, long Device = 0)
{
    public long Total => Host + Device;

    /// <summary>Of a model before it is loaded: the device takes what it can, the host the others, and whatever is parked.</summary>
    public static ModelBytes Expected(ModelMemory memory, long deviceBytesMax)
    {
        var device = Math.Min(memory.WeightsBytes + memory.CellsBytes, deviceBytesMax);
        return new ModelBytes(memory.Bytes - device, device);
    }

    /// <summary>Of a loaded model: each layer has its part of weights and cells.</summary>
    public static ModelBytes Held(ModelMemory memory, DeviceFacts device)
    {
        if (device is not { Layers: > 0, LayersTotal: > 0 }) return new ModelBytes(memory.Bytes);
        var layers = (long)((memory.WeightsBytes + memory.CellsBytes) * ((double)device.Layers / device.LayersTotal));
        return new ModelBytes(memory.Bytes - layers, layers);
    }

    public static ModelBytes operator +(ModelBytes one, ModelBytes other) => new(one.Host + other.Host, one.Device + other.Device);
}
