using Samovar.Engine.Native;

namespace Samovar.Engine.Devices;

/// <summary>Where a model's layers lie.</summary>
/// <param name="Layers">Those on the device.</param>
/// <param name="Total">All of them.</param>
/// <param name="StateRoom">Bytes for the cells of all layers, by the memory of what has them; 0 where the host has all.</param>
internal sealed record LayerPlan(int Layers, int Total, long StateRoom);

/// <summary>How many layers of a model, with their cells, the free memory of the devices holds.</summary>
internal static class LayerFit
{
    private const int CellsShare = 4; // of a device that cannot have all layers: without cells none is of use
    private const long ScratchBytes = 512L << 20; // buffers of a decode, and what the driver takes
    private const int UsedOf10 = 9;               // others use the device, too

    /// <summary>As many as the options say, else as many as fit; all of them with fewer streams before fewer with more.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="model">The model's sizes.</param>
    /// <param name="weights">Bytes of its weights.</param>
    /// <param name="room">Bytes for weights and cells on the devices.</param>
    /// <param name="hostRoom">Bytes for cells in the host's memory.</param>
    public static LayerPlan Plan(EngineOptions options, ModelSize model, long weights, long room, long hostRoom)
    {
        var layers = options.GpuLayers >= 0 ? Math.Min(options.GpuLayers, model.Layers) : Count(options, model, weights, room);
        return new LayerPlan(layers, model.Layers, StateRoom(layers, model.Layers, weights, room, hostRoom));
    }

    /// <summary>What weights and cells may take of some devices together.</summary>
    public static long Room(IReadOnlyList<ComputeDevice> devices) =>
        Math.Max(0, devices.Sum(static device => device.MemoryFree) / 10 * UsedOf10 - ScratchBytes);

    private static int Count(EngineOptions options, ModelSize model, long weights, long room)
    {
        var left = room - weights;
        var one = ContextShape.Choose(options, model, 1);
        var shape = ContextShape.Choose(options, model, left >= one.CellsBytes(model) ? left : Math.Max(1, room / CellsShare));
        var ofLayer = Math.Max(1, (weights + shape.CellsBytes(model)) / Math.Max(1, model.Layers));
        return (int)Math.Clamp(room / ofLayer, 0, model.Layers);
    }

    // Cells lie where their layer does, and each place has a part of every stream's.
    private static long StateRoom(int layers, int total, long weights, long room, long hostRoom)
    {
        if (layers == 0) return 0;
        var onDevice = (room - (double)weights * layers / total) * total / layers;
        var onHost = layers == total ? double.PositiveInfinity : (double)hostRoom * total / (total - layers);
        return (long)Math.Clamp(Math.Min(onDevice, onHost), 1, long.MaxValue / 2);
    }
}
