using System.Globalization;
using System.Text.Json;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Launcher;

/// <summary>What the launcher does by itself: on any POSIX system, before anything is built.</summary>
public sealed class LauncherTests
{
    private const string Started = "Samovar.Cli.dll up --port 0";

    public static TheoryData<string> Shells =>
        new(new[] { "/bin/sh", "/bin/dash", "/bin/bash", "/bin/ksh", "/bin/busybox" }.Where(File.Exists));

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task FirstStart_BringsAndBuilds_AndTheNextSaysNothing(string shell)
    {
        using var lab = new LauncherLab();
        string[] command = shell.EndsWith("busybox", StringComparison.Ordinal) ? [shell, "sh"] : [shell];
        var (exit, output, error) = await LauncherLab.EndAsync(lab.Start(command, ["up", "--port", "0"]));
        Assert.True(exit == 0, error);
        Assert.EndsWith(Started, output.Trim(), StringComparison.Ordinal);
        Assert.Equal(
            """
            samovar: building Samovar (projects: 1; only after a change)
            samovar:   restoring packages (NuGet)
            samovar:   1/1 Samovar.Cli
            samovar: fetching the native engine linux-x64 (npm): no GPU was found

            """.ReplaceLineEndings("\n"), error);
        (exit, output, error) = await LauncherLab.EndAsync(lab.Start(command, ["up", "--port", "0"]));
        Assert.Equal((0, ""), (exit, error));
        Assert.EndsWith(Started, output.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "./samovar up")]
    [InlineData(0, "./samovar up", "--help")]
    [InlineData(0, "--port", "up", "--help")]
    [InlineData(0, "--port", "serve", "--model", "x", "-h")]
    [InlineData(0, "--config", "config", "check", "--help")]
    [InlineData(0, "Usage:", "bench", "--help")]
    [InlineData(0, "Usage:", "help", "agent")]
    [InlineData(0, "0.", "--version")]
    [InlineData(2, "no command 'frobnicate'", "frobnicate")]
    [InlineData(2, "no command 'frobnicate'", "help", "frobnicate")]
    [InlineData(2, "no command '../help/up'", "../help/up")]
    public async Task Help_NeedsNoBuild(int status, string says, params string[] arguments)
    {
        using var lab = new LauncherLab();
        lab.Remove("dotnet");
        lab.Remove("npm");
        var (exit, output, error) = await lab.RunAsync(arguments);
        Assert.Equal(status, exit);
        Assert.Contains(says, status == 0 ? output : error, StringComparison.Ordinal);
        Assert.Equal("", status == 0 ? error : output);
    }

    [Fact]
    public async Task TaskOfAnAgent_IsNotTakenForHelp()
    {
        using var lab = new LauncherLab();
        var (_, output, _) = await lab.RunAsync(["agent", "--", "--help"]);
        Assert.EndsWith("agent -- --help", output.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64", "Linux", "x86_64", "auto")]
    [InlineData("linux-x64", "Linux", "x86_64", "auto", "dev/dri/renderD128")] // no Vulkan
    [InlineData("linux-x64-vulkan", "Linux", "x86_64", "auto", "dev/dri/renderD128", "usr/lib64/libvulkan.so.1")]
    [InlineData("linux-x64-vulkan", "Linux", "x86_64", "auto", "proc/driver/nvidia/version", "usr/lib64/libvulkan.so.1")] // no CUDA runtime
    [InlineData("linux-x64-cuda", "Linux", "x86_64", "auto",
        "proc/driver/nvidia/version", "usr/lib64/libvulkan.so.1", "usr/lib64/libcudart.so.13", "usr/lib64/libcublas.so.13")]
    [InlineData("linux-x64-cuda12", "Linux", "x86_64", "auto",
        "dev/nvidiactl", "usr/lib64/libcudart.so.12", "usr/lib64/libcublas.so.12")]
    [InlineData("linux-x64", "Linux", "x86_64", "cpu", "dev/dri/renderD128", "usr/lib64/libvulkan.so.1")]
    [InlineData("linux-x64-vulkan", "Linux", "x86_64", "vulkan")]
    [InlineData("linux-x64", "Linux", "x86_64", "auto", "lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2")] // glibc is there, too
    [InlineData("linux-arm64", "Linux", "aarch64", "auto")]
    [InlineData("mac-arm64-metal", "Darwin", "arm64", "auto")]
    [InlineData("mac-arm64-metal", "Darwin", "arm64", "metal")]
    [InlineData("mac-x64", "Darwin", "x86_64", "auto")]
    public async Task NativeEngine_FitsTheMachine(string kind, string system, string processor, string device, params string[] files)
    {
        using var lab = new LauncherLab(system, processor);
        foreach (var file in files) lab.Put(file);
        var (exit, _, error) = await lab.RunAsync(["setup", "--device", device]);
        Assert.True(exit == 0, error);
        Assert.Contains($"fetching the native engine {kind} (npm): ", error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(lab.Root, "native", kind, "node_modules")));
    }

    [Theory]
    [InlineData("FreeBSD", "amd64", "auto")]
    [InlineData("Linux", "riscv64", "auto")]
    [InlineData("Linux", "x86_64", "auto", "lib/ld-musl-x86_64.so.1")]
    [InlineData("Linux", "aarch64", "cuda")]
    [InlineData("Linux", "x86_64", "metal")]
    public async Task NativeEngineThatDoesNotExist_IsSaid(string system, string processor, string device, params string[] files)
    {
        using var lab = new LauncherLab(system, processor);
        foreach (var file in files) lab.Put(file);
        var (exit, _, error) = await lab.RunAsync(["up", $"--device={device}"]);
        Assert.Equal(1, exit);
        Assert.Contains("there is no build of libllama for", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OwnLibrary_NeedsNoPackage()
    {
        using var lab = new LauncherLab("Linux", "riscv64");
        var (exit, _, error) = await lab.RunAsync(["up", "--library", "/opt/llama"]);
        Assert.True(exit == 0, error);
        Assert.DoesNotContain("native engine", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondSetup_SaysWhomItWaitsFor_AndGoesOn()
    {
        using var lab = new LauncherLab();
        var mine = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var held = Lock(lab, mine);
        var process = lab.Start(["/bin/sh"], ["up", "--port", "0"]);
        var said = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Equal($"samovar: waiting for another ./samovar (process {mine}), which is setting up in this folder " +
            $"(if that process is no ./samovar, remove {held})", said);
        File.Delete(held);
        var (exit, output, error) = await LauncherLab.EndAsync(process);
        Assert.True(exit == 0, error);
        Assert.EndsWith(Started, output.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockOfADeadProcess_HoldsNobodyUp()
    {
        using var lab = new LauncherLab();
        Lock(lab, "99999999");
        var (exit, _, error) = await lab.RunAsync(["setup"]);
        Assert.True(exit == 0, error);
        Assert.DoesNotContain("waiting", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(lab.Root, "artifacts"), "setup.lock*"));
    }

    [Fact]
    public void EveryKindOfNativeEngine_IsLocked()
    {
        foreach (var kind in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "native")))
        {
            using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(kind, "package.json")));
            using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(kind, "package-lock.json")));
            foreach (var need in package.RootElement.GetProperty("dependencies").EnumerateObject())
            {
                var entry = locked.RootElement.GetProperty("packages").GetProperty("node_modules/" + need.Name);
                Assert.Equal(need.Value.GetString(), entry.GetProperty("version").GetString());
                Assert.StartsWith("sha512-", entry.GetProperty("integrity").GetString(), StringComparison.Ordinal);
            }
        }
    }

    private static string Lock(LauncherLab lab, string process)
    {
        var path = Path.Combine(lab.Root, "artifacts", "setup.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, "pid." + process);
        return path;
    }
}
