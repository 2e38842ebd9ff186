using Samovar.Engine.Llama;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Devices;

/// <summary>Starting on a device, and on the CPU where that fails.</summary>
public sealed class DeviceStartTests : IDisposable
{
    private readonly string _native = Directory.CreateTempSubdirectory("samovar-native-").FullName;

    [Fact]
    public async Task DeviceWhoseTrialFails_IsReplacedByTheCpu_AndTheReasonIsKept()
    {
        var trial = new FakeTrial("the driver crashed");
        await using var engine = LlamaEngine.Load(Options("vulkan"), TimeProvider.System, trial);
        Assert.Equal((LlamaLibrary.FindFolder(), "vulkan"), Assert.Single(trial.Asked));
        Assert.Equal("cpu", engine.Model.Device.Kind);
        Assert.Equal("vulkan is not used: the driver crashed", engine.Model.Device.Warning);
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(new Random(1), 20), 3));
        Assert.Equal(3, end.OutputTokens);
    }

    [Fact]
    public async Task DeviceThatFailsOnlyHere_IsReplacedByTheCpu()
    {
        await using var engine = LlamaEngine.Load(Options("cuda"), TimeProvider.System, new FakeTrial(null));
        Assert.Equal("cpu", engine.Model.Device.Kind);
        Assert.StartsWith("cuda is not used: ", engine.Model.Device.Warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    public async Task LibraryWithoutDevices_IsNotTried_AndWarnsOfNothing(string device)
    {
        var trial = new FakeTrial("never asked");
        await using var engine = LlamaEngine.Load(Options(device), TimeProvider.System, trial);
        Assert.Empty(trial.Asked);
        Assert.Equal(("cpu", (string?)null), (engine.Model.Device.Kind, engine.Model.Device.Warning));
        Assert.True(engine.Model.Device.LayersTotal > 0);
    }

    /// <summary>A model refuses to be freed while it has a context.</summary>
    [Fact]
    public void EngineThatCannotBeMade_GivesBackItsContext_AndThenItsModel()
    {
        var options = Options("cpu");
        options.Retention = "of a name that nothing has"; // is found out when the context is there
        Assert.Throws<ArgumentOutOfRangeException>(() => LlamaEngine.Load(options, TimeProvider.System));
        using var model = EngineLab.LoadModel();
        using (new LlamaContext(model, new ContextShape(256, 1, 64, 2, "f32")))
            Assert.Throws<InvalidOperationException>(model.Dispose);
    }

    [Fact]
    public void Packages_StandInTheOrderOfTheirDevices_AndOnlyThoseOfThePlatform()
    {
        foreach (var (kind, package) in new[]
        {
            ("linux-x64", "linux-x64"), ("linux-x64-vulkan", "linux-x64-vulkan"), ("linux-x64-cuda12", "linux-x64-cuda"),
            ("linux-arm64", "linux-arm64"), ("mac-arm64-metal", "mac-arm64-metal"), ("win-x64", "win-x64"),
        })
            Install(kind, package);
        Directory.CreateDirectory(Path.Combine(_native, "linux-x64-cuda")); // not installed
        Assert.Equal(["cuda", "vulkan", "cpu"], NativePackage.In(_native, "linux-x64").Select(package => package.Device));
        Assert.Equal(["metal"], NativePackage.In(_native, "mac-arm64").Select(package => package.Device));
        Assert.Equal(["cpu"], NativePackage.In(_native, "win-x64").Select(package => package.Device));
        Assert.Empty(NativePackage.In(_native, "linux-riscv64"));
    }

    [Fact]
    public void InstalledProgram_HasLibraries_InTheFolderOfTheirKind()
    {
        var kind = Directory.CreateDirectory(Path.Combine(_native, "win-x64")).FullName;
        File.WriteAllText(Path.Combine(kind, "llama.v0.4.0.dll"), "");
        Assert.Equal([new NativePackage("cpu", kind)], NativePackage.In(_native, "win-x64"));
    }

    [Theory]
    [InlineData("libllama.cuda.v0.5.0.so", "libllama-common.so", "llama-addon.node")]
    [InlineData("libllama.metal.v0.4.0.dylib", "libllama-common.dylib")]
    [InlineData("llama.v0.4.0.dll", "llama-common.dll", "llama-addon.lib")]
    [InlineData("libllama.so")]
    public void LibraryFile_IsFoundByEveryPlatformsName(string name, params string[] beside)
    {
        foreach (var file in beside.Append(name)) File.WriteAllText(Path.Combine(_native, file), "");
        Assert.Equal(Path.Combine(_native, name), LibraryFiles.Find(_native, "llama"));
    }

    [Fact]
    public void DeviceLibraries_OfAnOlderRuntime_ComeSecond()
    {
        var bins = Install("linux-x64-cuda12", "linux-x64-cuda");
        var older = Path.Combine(_native, "linux-x64-cuda12/node_modules/@node-llama-cpp/linux-x64-cuda-ext/bins/linux-x64-cuda/fallback");
        Directory.CreateDirectory(older);
        string[] files =
        [
            Path.Combine(bins, "libggml-cuda.so"), Path.Combine(older, "libggml-cuda.so"), Path.Combine(bins, "libggml-cpu-haswell.so"),
            Path.Combine(bins, "libggml-base.so"),
        ];
        foreach (var file in files) File.WriteAllText(file, "no library");
        Assert.Equal(files[..2], LibraryFiles.Of(bins, "cuda"));
        Assert.Equal(["cuda"], LibraryFiles.Devices(bins));
        Assert.Equal([files[2]], LibraryFiles.Cpu(bins));
    }

    [Fact]
    public void BrokenDeviceLibrary_IsAReason_NotACrash()
    {
        EngineLab.NeedLibrary();
        LlamaLibrary.Load();
        File.WriteAllText(Path.Combine(_native, "libggml-vulkan.so"), "no library");
        Assert.NotEmpty(BackendLoader.LoadDevice(_native, "vulkan")!);
        Assert.Contains("has no library", BackendLoader.LoadDevice(_native, "cuda"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5.0-dev", true)]
    [InlineData("0.4.0", true)]
    [InlineData("0.6.0-dev", false)]
    [InlineData("", false)]
    public void Releases_AreKnownByName(string version, bool isKnown) => Assert.Equal(isKnown, LayoutCheck.IsKnown(version));

    public void Dispose() => Directory.Delete(_native, recursive: true);

    private static EngineOptions Options(string device)
    {
        EngineLab.NeedLibrary();
        return new EngineOptions
        {
            ModelPath = EngineLab.ModelPath(), LibraryPath = LlamaLibrary.FindFolder(), Device = device, ContextTokens = 256, Streams = 1,
            Threads = 1, KvType = "f32",
        };
    }

    private string Install(string kind, string package)
    {
        var bins = Path.Combine(_native, kind, "node_modules", "@node-llama-cpp", package, "bins", package);
        Directory.CreateDirectory(bins);
        File.WriteAllText(Path.Combine(bins, "libllama.v0.5.0.so"), "");
        return bins;
    }

    private sealed class FakeTrial(string? fault) : IDeviceTrial
    {
        public List<(string Folder, string Device)> Asked { get; } = [];

        public string? FaultOf(string folder, string device)
        {
            Asked.Add((folder, device));
            return fault;
        }
    }
}
