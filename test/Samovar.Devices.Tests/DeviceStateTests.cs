using Samovar.Engine;
using Samovar.Engine.Tests;

namespace Samovar.Devices.Tests;

/// <summary>A device's state is written, cut and counted as the CPU's.</summary>
public sealed class DeviceStateTests
{
    [Theory]
    [InlineData("llama", "q8_0")]
    [InlineData("gemma3", "f16")]
    [InlineData("qwen35", "f16")]
    [InlineData("mamba2", "f16")]
    public async Task State_IsWrittenAsOnTheCpu(string architecture, string kvType)
    {
        LabDevice.Need();
        await using var device = DeviceLab.Start(architecture, options => options.KvType = kvType);
        await using var cpu = DeviceLab.Start(
            architecture, options => (options.KvType, options.Device) = (kvType, DeviceKinds.Cpu));
        Assert.Equal((DeviceKinds.Vulkan, DeviceKinds.Cpu), (device.Model.Device.Kind, cpu.Model.Device.Kind));
        Assert.Equal(cpu.Traits with { Layout = null }, device.Traits with { Layout = null });
        Assert.Equal(cpu.Layout?.Description, device.Layout?.Description);
        Assert.Equal((cpu.Model.StateBytesPerToken, cpu.Model.StateBytesPerSequence),
            (device.Model.StateBytesPerToken, device.Model.StateBytesPerSequence));
    }

    [Fact]
    public async Task Drafts_CostWhatTheDeviceTakes()
    {
        LabDevice.Need();
        await using var engine = DeviceLab.Start("llama", options => (options.DraftTokensMax, options.BatchTokens) = (8, 16));
        var (end, _) = await EngineLab.RunAsync(engine, DeviceLab.Greedy(EngineLab.Spec(EngineLab.Prompt(new Random(1), 12), 8)));
        Assert.Equal((EngineTurnEndKind.OutputLimit, 8), (end.Kind, end.OutputTokens));
    }

    [Fact]
    public async Task Memory_IsTheDevices()
    {
        LabDevice.Need();
        await using var engine = DeviceLab.Start("llama");
        Assert.Equal((LabDevice.Device.Description, LabDevice.Device.MemoryTotal),
            (engine.Model.Device.Name, engine.Model.Device.MemoryBytes));
        Assert.InRange(engine.Model.Device.MemoryTakenBytes, new FileInfo(engine.Model.Path).Length, LabDevice.Device.MemoryTotal);
    }
}
