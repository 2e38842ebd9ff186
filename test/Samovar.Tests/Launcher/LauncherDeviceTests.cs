using System.Globalization;

namespace Samovar.Tests.Launcher;

/// <summary>Which native engine the launcher fetches, by what the user named; and what it does where one cannot be fetched.</summary>
public sealed class LauncherDeviceTests
{
    private const string Fetching = "fetching the native engine";

    [Theory]
    [InlineData("linux-x64-vulkan (npm): asked for", "vulkan", "up")]
    [InlineData("linux-x64-vulkan (npm): asked for", "vulkan", "serve", "--model", "x")]
    [InlineData("linux-x64-vulkan (npm): asked for", "vulkan", "setup")]
    [InlineData("linux-x64 (npm): ", "auto", "up")]
    [InlineData("linux-x64 (npm): ", "vulkan", "up", "--device", "cpu")] // the command line counts more
    [InlineData(null, "none", "up")] // a library of the user's own, upstreams only, settings that are wrong
    public async Task DeviceOfTheSettingsFile_IsSeen(string? fetched, string device, params string[] command)
    {
        using var lab = new LauncherLab();
        lab.PutSettings();
        var (exit, _, error) = await lab.RunAsync(command, ("SETTINGS_DEVICE", device));
        Assert.True(exit == 0, error);
        if (fetched is null) Assert.DoesNotContain(Fetching, error, StringComparison.Ordinal);
        else Assert.Contains($"{Fetching} {fetched}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent", "task")]
    [InlineData("chat")]
    [InlineData("top")]
    [InlineData("config", "check")]
    public async Task CommandThatComputesNothing_FetchesNothing(params string[] command)
    {
        using var lab = new LauncherLab();
        lab.Remove("npm");
        var (exit, output, error) = await lab.RunAsync(command);
        Assert.True(exit == 0, error);
        Assert.EndsWith(string.Join(' ', command), output.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--device", "", "up", "--device", "gpu")]
    [InlineData("--device", "", "serve", "--model", "x", "--device=gpu")]
    [InlineData("--device", "", "setup", "--device", "gpu")]
    [InlineData("SAMOVAR_Engine__Device", "gpu", "up")]
    public async Task DeviceThatDoesNotExist_IsSaid_WithThoseThatDo(string from, string variable, params string[] command)
    {
        using var lab = new LauncherLab();
        var (exit, _, error) = await lab.RunAsync(command, ("SAMOVAR_Engine__Device", variable));
        Assert.Equal(2, exit);
        var expected = $"samovar: Engine:Device ({from}) must be one of auto, cpu, cuda, vulkan, metal, not 'gpu'.\n";
        Assert.Equal(expected, error); // before anything is built
    }

    [Fact]
    public async Task PackageForTheGpuThatDoesNotCome_LeavesTheCpus_AndIsLeftAloneForADay()
    {
        using var lab = new LauncherLab();
        lab.Put("dev/dri/renderD128");
        lab.Put("usr/lib64/libvulkan.so.1");
        var lacking = ("NPM_LACKS", "linux-x64-vulkan");
        const string Said = "samovar: the native engine linux-x64-vulkan could not be fetched, the CPU is used; " +
            "'./samovar setup' tries again now, 'up' 24 hours after the failure\n";
        var (exit, _, error) = await lab.RunAsync(["up"], lacking);
        Assert.True(exit == 0, error);
        Assert.Contains(Said, error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(lab.Root, "native", "linux-x64", "node_modules")));

        Assert.Equal(Said, (await lab.RunAsync(["up"], lacking)).Error);
        Assert.Contains(Fetching, (await lab.RunAsync(["setup"], lacking)).Error, StringComparison.Ordinal);

        var failure = lab.Artifacts("stamps/native-linux-x64-vulkan.failed");
        var parts = (await File.ReadAllTextAsync(failure, TestContext.Current.CancellationToken)).Split(' ');
        var yesterday = long.Parse(parts[0], CultureInfo.InvariantCulture) - 24 * 3600;
        await File.WriteAllTextAsync(failure, $"{yesterday} {parts[1]}", TestContext.Current.CancellationToken);
        Assert.Contains($"{Fetching} linux-x64-vulkan", (await lab.RunAsync(["up"])).Error, StringComparison.Ordinal);
        Assert.Equal("", (await lab.RunAsync(["up"])).Error);
    }
}
