using System.Runtime.CompilerServices;
using Samovar.Engine.Devices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests;

/// <summary>What the engines of these tests compute on: a Vulkan device, and be it one that Mesa plays in software.</summary>
/// <remarks>Tests that cannot have one are skipped, and say what is missing.</remarks>
internal static class LabDevice
{
    private const string Package = "artifacts/devices/linux-x64-vulkan/node_modules/@node-llama-cpp/linux-x64-vulkan/bins/linux-x64-vulkan";
    private static readonly Lazy<(IReadOnlyList<ComputeDevice> Devices, string Fault)> Found = new(Find);

    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Where the library with Vulkan lies.</summary>
    public static string Folder { get; } = Path.Combine(Root, Package);

    /// <summary>Skips where there is none.</summary>
    public static void Need() => Assert.SkipUnless(Found.Value.Devices.Count > 0, Found.Value.Fault);

    /// <summary>The one that is taken.</summary>
    public static ComputeDevice Device => Found.Value.Devices[0];

    /// <summary>Settings that name it.</summary>
    public static void Choose(EngineOptions options) => (options.LibraryPath, options.Device) = (Folder, DeviceKinds.Vulkan);

    /// <summary>A model whose layers lie on it.</summary>
    public static LlamaModel Load(string path)
    {
        Need();
        return new LlamaModel(path, int.MaxValue, Found.Value.Devices);
    }

    private static (IReadOnlyList<ComputeDevice>, string) Find()
    {
        if (!Directory.Exists(Folder)) return ([], "npm's linux-x64-vulkan is not installed: ./samovar test does that where it can.");
        try
        {
            return (new DeviceAttempt(Folder, DeviceKinds.Vulkan, IsNamed: true).Choose(), "");
        }
        catch (EngineLoadException fault)
        {
            return ([], $"There is no Vulkan device: {fault.Message}");
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Samovar.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    // ggml takes no device that is played in software unless its number is given.
    [ModuleInitializer]
    internal static void ShowSoftwareDevices() => NativeVariables.Default("GGML_VK_VISIBLE_DEVICES", "0");
}
