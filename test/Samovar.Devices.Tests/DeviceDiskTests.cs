using Samovar.Engine;
using Samovar.Engine.Tests;
using Samovar.Engine.Tests.Disk;

namespace Samovar.Devices.Tests;

/// <summary>What lay in a device's memory outlives the engine on the disk, and goes on as if it had never left.</summary>
public sealed class DeviceDiskTests : IDisposable
{
    private const int PromptTokens = 100, NextTokens = 9, Output = 4;
    private readonly DiskLab _lab = new();

    public static TheoryData<string> Architectures => DeviceLab.Architectures;

    public void Dispose() => _lab.Dispose();

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task Chain_GoesOnFromTheDisk_WhenItsEngineHasEnded(string architecture)
    {
        LabDevice.Need();
        TokenPath ended;
        await using (var first = _lab.Start(architecture, options => Small(options, architecture)))
        {
            var (end, _) = await DiskLab.RunAsync(first, DiskLab.Spec(DiskLab.Prompt(1, PromptTokens), output: Output));
            await DiskLab.WrittenAsync(first);
            EngineAudit.Check(first);
            ended = end.Path;
        }
        var prompt = DiskLab.Again(ended, 3, NextTokens);
        await using var second = _lab.Start(architecture, options => Small(options, architecture));
        var (next, steps) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, output: Output));
        Assert.Equal(CacheSource.Disk, next.Source);
        Assert.InRange(next.CachedTokens, ended.Length - 1, ended.Length); // the last token was sampled, and never computed
        var (again, cold) = await DiskLab.RunAsync(second, DiskLab.Spec(prompt, isStored: false, scope: "another", output: Output));
        Assert.Equal(0, again.CachedTokens);
        DeviceLab.AssertSame(architecture, cold, steps);
        EngineAudit.Check(second);
    }

    [Fact]
    public async Task StateOfTheCpu_IsNotTakenForTheDevices()
    {
        LabDevice.Need();
        await using (var cpu = _lab.Start("llama", options =>
        {
            Small(options, "llama");
            options.Device = DeviceKinds.Cpu;
        }))
        {
            await DiskLab.RunAsync(cpu, DiskLab.Spec(DiskLab.Prompt(1, PromptTokens), output: Output));
            await DiskLab.WrittenAsync(cpu);
            Assert.NotEmpty(_lab.Files);
        }
        await using var device = _lab.Start("llama", options => Small(options, "llama"));
        var (end, _) = await DiskLab.RunAsync(device, DiskLab.Spec(DiskLab.Prompt(1, PromptTokens), output: 1));
        Assert.Equal(0, end.CachedTokens);
        Assert.True(device.Counters.DiskRefused > 0);
    }

    private static void Small(EngineOptions options, string architecture)
    {
        options.ModelPath = DeviceLab.ModelPath(architecture);
        DeviceLab.Small(options);
    }
}
