using Samovar.Engine.Native;

namespace Samovar.Engine.Devices;

/// <summary>How many layers of a model, with their cells, the free memory of the devices holds.</summary>
internal static class LayerFit
{
    private const long ScratchBytes = 512L << 20; // buffers of a decode, and what the driver takes
    private const int UsedOf10 = 9;               // others use the device, too

    /// <param name="free">Free bytes of all devices together.</param>
    /// <param name="modelBytes">Bytes of the weights.</param>
    /// <param name="stateBytes">Bytes of all streams' cells.</param>
    public static int Count(long free, long modelBytes, long stateBytes, int layers)
    {
        var ofOne = Math.Max(1, (modelBytes + stateBytes) / Math.Max(1, layers));
        return (int)Math.Clamp(Room(free) / ofOne, 0, layers);
    }

    /// <summary>What is left for cells when all layers lie on the device.</summary>
    public static long StateRoom(long free, long modelBytes) => Math.Max(0, Room(free) - modelBytes);

    /// <summary>What weights and cells may take of some devices together.</summary>
    public static long Room(IReadOnlyList<ComputeDevice> devices) => Math.Max(0, Room(devices.Sum(static device => device.MemoryFree)));

    private static long Room(long free) => free / 10 * UsedOf10 - ScratchBytes;
}
