namespace Samovar.Engine.Native;

/// <summary>A device that a loaded backend library offers.</summary>
/// <param name="Handle">ggml's own pointer; 0 in tests.</param>
/// <param name="Backend">What the backend calls itself: CUDA, Vulkan, MTL …</param>
/// <param name="Name">What the backend calls the device: CUDA0.</param>
/// <param name="Description">What its maker calls it.</param>
internal sealed record ComputeDevice(
    nint Handle, DeviceType Type, string Backend, string Name, string Description, long MemoryFree, long MemoryTotal)
{
    private static readonly string[] SoftwareNames = ["llvmpipe", "lavapipe", "SwiftShader", "softpipe", "Microsoft Basic Render"];

    /// <summary>The backend as <see cref="EngineOptions.Device"/> names it.</summary>
    public string Kind => Backend.ToUpperInvariant() switch
    {
        "CUDA" => DeviceKinds.Cuda,
        "VULKAN" => DeviceKinds.Vulkan,
        "METAL" or "MTL" => DeviceKinds.Metal,
        _ => Backend,
    };

    /// <summary>Whether it is the CPU again, behind a driver that plays a GPU: slower than the CPU itself.</summary>
    public bool IsSoftware => SoftwareNames.Any(name => Description.Contains(name, StringComparison.OrdinalIgnoreCase));

    public bool IsGpu => Type is DeviceType.Gpu or DeviceType.IntegratedGpu;
}

/// <summary><c>ggml_backend_dev_type</c>, as far as it matters here.</summary>
internal enum DeviceType
{
    Cpu = 0,
    Gpu = 1,
    IntegratedGpu = 2,
}
