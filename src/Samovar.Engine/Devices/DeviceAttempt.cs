using Samovar.Engine.Native;

namespace Samovar.Engine.Devices;

/// <summary>One way to start: a library, and the device that it shall use.</summary>
/// <param name="Device">One of <see cref="DeviceKinds"/>; auto takes the best that the folder has libraries for.</param>
/// <param name="IsNamed">Whether somebody asked for this device: then it may be one that software emulates.</param>
internal sealed record DeviceAttempt(string Folder, string Device, bool IsNamed)
{
    /// <summary>
    /// With fused operations Mesa's software device crashes (22.3): probably they leave buffers bound that the next operation does not use
    /// and ggml frees, which a GPU never looks at.
    /// </summary>
    private const string NoFusion = "GGML_VK_DISABLE_FUSION";

    /// <summary>The GPUs that are worth a try, in their order; the CPU is left when none of them starts.</summary>
    /// <param name="isTried">Whether each is tried in a process of its own first. Where none is, auto does not risk this one.</param>
    public static IReadOnlyList<DeviceAttempt> All(EngineOptions options, IReadOnlyList<NativePackage> installed, bool isTried)
    {
        var isNamed = options.Device != DeviceKinds.Auto;
        if (options.Device == DeviceKinds.Cpu || !isNamed && !isTried) return [];
        if (options.LibraryPath is not { } folder)
            return
            [
                .. installed.Where(package => package.Device != DeviceKinds.Cpu && (!isNamed || package.Device == options.Device))
                    .Select(package => new DeviceAttempt(package.Folder, package.Device, isNamed)),
            ];
        return LibraryFiles.Devices(folder).Count > 0 || isNamed ? [new DeviceAttempt(folder, options.Device, isNamed)] : [];
    }

    /// <summary>The device as a person knows it: <c>auto</c> is none.</summary>
    public string Label => string.Join(", ", Devices);

    /// <summary>The devices whose libraries this attempt loads.</summary>
    public IReadOnlyList<string> Devices => Device == DeviceKinds.Auto ? LibraryFiles.Devices(Folder) : [Device];

    /// <summary>What a trial finds wrong; null where it passed, or nobody tries.</summary>
    public string? FaultOf(IDeviceTrial? trial) => trial?.FaultOf(Folder, IsNamed ? Device : DeviceKinds.Auto);

    /// <summary>Loads the library into this process, and takes the devices that it has.</summary>
    /// <exception cref="EngineLoadException">It has none that will do, and why.</exception>
    public IReadOnlyList<ComputeDevice> Choose()
    {
        LlamaLibrary.Load(Folder);
        var faults = Devices.Select(LlamaLibrary.LoadDevice).ToList();
        var offered = GgmlCalls.Devices();
        var chosen = DeviceChoice.Choose(Device, IsNamed, offered);
        if (chosen.Any(static device => device.IsSoftware)) NativeVariables.Default(NoFusion, "1");
        return chosen.Count > 0 ? chosen
            : throw new EngineLoadException(faults.Find(fault => fault is not null) ?? DeviceChoice.WhyNone(Device, IsNamed, offered));
    }
}
