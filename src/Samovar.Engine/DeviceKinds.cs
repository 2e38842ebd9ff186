namespace Samovar.Engine;

/// <summary>The values of <see cref="EngineOptions.Device"/>.</summary>
public static class DeviceKinds
{
    public const string Auto = "auto";
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";
    public const string Vulkan = "vulkan";
    public const string Metal = "metal";
}
