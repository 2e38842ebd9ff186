using System.Globalization;
using Microsoft.Extensions.Logging;
using Samovar.Engine;

namespace Samovar.Server.Hosting;

/// <summary>What the engine computes on, as the log and the ready note say it.</summary>
internal static partial class DeviceNote
{
    private const double Gibibyte = 1L << 30;

    /// <summary><c>CUDA (NVIDIA H200, 139.7 GiB), all 32 layers take 21.3 GiB of it</c>; <c>the CPU</c>.</summary>
    public static string Of(DeviceFacts device) => device.Kind == DeviceKinds.Cpu
        ? "the CPU"
        : string.Create(CultureInfo.InvariantCulture,
            $"{Title(device.Kind)} ({device.Name}, {device.MemoryBytes / Gibibyte:0.#} GiB), {Layers(device)}{Taken(device)}");

    public static void Write(ILogger logger, DeviceFacts device)
    {
        Log.ComputesOn(logger, Of(device));
        if (device.Warning is { } warning) Log.NotAsHoped(logger, warning);
    }

    private static string Title(string kind) => kind switch
    {
        DeviceKinds.Cuda => "CUDA",
        DeviceKinds.Vulkan => "Vulkan",
        DeviceKinds.Metal => "Metal",
        _ => kind,
    };

    private static string Layers(DeviceFacts device) => device.Layers >= device.LayersTotal
        ? string.Create(CultureInfo.InvariantCulture, $"all {device.LayersTotal} layers")
        : string.Create(CultureInfo.InvariantCulture, $"{device.Layers} of {device.LayersTotal} layers");

    private static string Taken(DeviceFacts device) => device.MemoryTakenBytes == 0 ? ""
        : string.Create(CultureInfo.InvariantCulture, $" take {device.MemoryTakenBytes / Gibibyte:0.##} GiB of it");

    private static partial class Log
    {
        [LoggerMessage(6310, LogLevel.Information, "The engine computes on {Device}")]
        public static partial void ComputesOn(ILogger logger, string device);

        [LoggerMessage(6311, LogLevel.Warning, "{Reason}")]
        public static partial void NotAsHoped(ILogger logger, string reason);
    }
}
