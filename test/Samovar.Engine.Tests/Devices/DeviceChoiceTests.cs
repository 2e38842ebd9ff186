using Samovar.Engine.Devices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Devices;

public sealed class DeviceChoiceTests
{
    private const long Gibibyte = 1L << 30;
    private static readonly ComputeDevice Cpu = new(0, DeviceType.Cpu, "CPU", "CPU", "Some processor", 8L << 30, 8L << 30);
    private static readonly ComputeDevice Cuda0 = new(0, DeviceType.Gpu, "CUDA", "CUDA0", "NVIDIA A", 20L << 30, 24L << 30);
    private static readonly ComputeDevice Cuda1 = Cuda0 with { Name = "CUDA1" };
    private static readonly ComputeDevice Vulkan = Cuda0 with { Backend = "Vulkan", Name = "Vulkan0" };
    private static readonly ComputeDevice OnChip = Vulkan with { Type = DeviceType.IntegratedGpu, Name = "Vulkan1", Description = "UHD" };
    private static readonly ComputeDevice Metal = Cuda0 with { Backend = "MTL", Name = "MTL0", Description = "Apple M3" };
    private static readonly ComputeDevice Software = Vulkan with
    {
        Type = DeviceType.Cpu, Description = "llvmpipe (LLVM 15.0.6, 256 bits)",
    };

    [Fact]
    public void Auto_TakesAllGpusOfTheFastestBackend()
    {
        Assert.Equal([Cuda0, Cuda1], DeviceChoice.Choose("auto", false, [Vulkan, Cpu, Cuda0, Cuda1]));
        Assert.Equal([Metal], DeviceChoice.Choose("auto", false, [Metal, Cpu]));
        Assert.Equal([Vulkan], DeviceChoice.Choose("auto", false, [OnChip, Vulkan, Cpu]));
        Assert.Equal([OnChip], DeviceChoice.Choose("auto", false, [OnChip, Cpu]));
    }

    [Fact]
    public void Auto_LeavesSoftwareAlone_AndAPersonMayAskForIt()
    {
        foreach (var type in new[] { DeviceType.Cpu, DeviceType.Gpu })
        {
            Assert.Empty(DeviceChoice.Choose("auto", false, [Software with { Type = type }, Cpu]));
            Assert.Equal([Software with { Type = type }], DeviceChoice.Choose("vulkan", true, [Software with { Type = type }, Cpu]));
        }
        Assert.Contains("emulated in software", DeviceChoice.WhyNone("auto", false, [Software, Cpu]), StringComparison.Ordinal);
    }

    [Fact]
    public void DeviceWithoutMemory_IsNotTaken()
    {
        var empty = Cuda0 with { MemoryTotal = 0 };
        Assert.Empty(DeviceChoice.Choose("cuda", true, [empty, Cpu]));
        Assert.Contains("no memory", DeviceChoice.WhyNone("cuda", true, [empty, Cpu]), StringComparison.Ordinal);
        Assert.Contains("no device", DeviceChoice.WhyNone("cuda", true, [Cpu]), StringComparison.Ordinal);
    }

    [Fact]
    public void Room_OfSeveralDevices_IsTheirFreeMemoryTogether_LessWhatADecodeTakes()
    {
        var one = Cuda0 with { MemoryFree = 20 * Gibibyte };
        Assert.InRange(LayerFit.Room([one]), 17 * Gibibyte, 18 * Gibibyte);
        Assert.InRange(LayerFit.Room([one, Cuda1 with { MemoryFree = 20 * Gibibyte }]), 35 * Gibibyte, 36 * Gibibyte);
        Assert.Equal(0, LayerFit.Room([one with { MemoryFree = 1 << 20 }]));
    }

    [Fact]
    public async Task Size_IsTheSameBeforeAndAfterTheLoad()
    {
        await using var engine = EngineLab.Start();
        var size = ModelSize.Of(EngineLab.ModelPath());
        Assert.Equal((engine.Model.StateBytesPerToken, engine.Model.StateBytesPerSequence),
            ((int)size.StateBytesPerToken("f32"), size.StateBytesPerSequence));
    }
}
