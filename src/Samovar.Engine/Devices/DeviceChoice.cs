using Samovar.Engine.Native;

namespace Samovar.Engine.Devices;

/// <summary>Which of the devices that a library offers take the model's layers.</summary>
internal static class DeviceChoice
{
    private const string CpuBackend = "CPU";
    private static readonly string[] Order = [DeviceKinds.Metal, DeviceKinds.Cuda]; // what a maker writes for its own devices is faster

    /// <summary>The devices to use, all of one backend; empty where none will do.</summary>
    /// <param name="wanted">One of <see cref="DeviceKinds"/>.</param>
    public static IReadOnlyList<ComputeDevice> Choose(string wanted, bool takesSoftware, IReadOnlyList<ComputeDevice> offered)
    {
        var fit = offered.Where(device => (wanted == DeviceKinds.Auto || device.Kind == wanted) && IsFit(device, takesSoftware)).ToList();
        var kind = Order.FirstOrDefault(kind => fit.Exists(device => device.Kind == kind)) ?? fit.FirstOrDefault()?.Kind;
        var kin = fit.Where(device => device.Kind == kind).ToList();
        // A processor's own GPU beside a real one would slow that down.
        return kin.Exists(device => device.Type == DeviceType.Gpu) ? [.. kin.Where(device => device.Type == DeviceType.Gpu)] : kin;
    }

    /// <summary>Why none of them will do.</summary>
    public static string WhyNone(string wanted, bool takesSoftware, IReadOnlyList<ComputeDevice> offered)
    {
        var kin = offered.Where(device => wanted == DeviceKinds.Auto ? device.Kind != CpuBackend : device.Kind == wanted).ToList();
        if (kin.Count == 0) return "no device was found";
        if (!takesSoftware && kin.TrueForAll(device => device.IsSoftware))
            return $"the only device ({kin[0].Description}) is emulated in software, which is slower than the CPU itself";
        return kin.Exists(device => device.MemoryTotal <= 0)
            ? $"{kin[0].Description} shows no memory"
            : $"{kin[0].Description} is not a GPU";
    }

    private static bool IsFit(ComputeDevice device, bool takesSoftware) => takesSoftware && device.IsSoftware
        ? device.MemoryTotal > 0
        : device is { IsGpu: true, IsSoftware: false, MemoryTotal: > 0 };
}
