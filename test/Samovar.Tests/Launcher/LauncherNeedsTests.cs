using System.Diagnostics;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Launcher;

/// <summary>What the launcher says of a machine or a folder that lacks something, before it does any of the work.</summary>
public sealed class LauncherNeedsTests
{
    [Theory]
    [InlineData("8.0.404", "the .NET SDK 10 is needed; there is only 8.0.404 (see https://dot.net).")]
    [InlineData("11.0.100-preview.1", "the .NET SDK 10 is needed; there is only 11.0.100-preview.1 (see https://dot.net).")]
    [InlineData("", "the .NET SDK 10 is needed, but this 'dotnet' has only runtimes, no SDK (see https://dot.net).")]
    public async Task AnotherSdk_IsNamed_BeforeAnythingIsFetched(string sdks, string expected)
    {
        using var lab = new LauncherLab();
        Assert.Equal((1, "", $"samovar: {expected}\n"), await lab.RunAsync(["up"], ("SDKS", sdks)));
    }

    [Fact]
    public async Task BothThatAreMissing_AreNamedAtOnce()
    {
        using var lab = new LauncherLab();
        lab.Remove("dotnet");
        lab.Remove("npm");
        var (exit, _, error) = await lab.RunAsync(["up"]);
        Assert.Equal(1, exit);
        Assert.Contains("npm is needed", error, StringComparison.Ordinal);
        Assert.Contains("the .NET SDK 10 is needed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_IsNamed()
    {
        using var lab = new LauncherLab();
        await File.WriteAllTextAsync(lab.Artifacts(""), "", TestContext.Current.CancellationToken); // root may write any folder
        var (exit, _, error) = await lab.RunAsync(["up"]);
        Assert.Equal(1, exit);
        var expected = $"samovar: there is something to set up, but {lab.Root}/artifacts cannot be written: ";
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockThatCannotBeMade_EndsTheWait()
    {
        using var lab = new LauncherLab();
        lab.Remove("ln");
        var (exit, _, error) = await lab.RunAsync(["up"]);
        Assert.Equal((1, $"samovar: {lab.Artifacts("setup.lock")} cannot be created: is the disk full?\n"), (exit, error));
    }

    [Theory]
    [InlineData("'samovar setup' takes no argument 'now'; ", "setup", "now")]
    [InlineData("'samovar setup' takes no argument '--force'; ", "setup", "--device", "cpu", "--force")]
    [InlineData("--device needs a value; ", "setup", "--device")]
    public async Task ArgumentThatSetupDoesNotTake_IsNamed(string expected, params string[] command)
    {
        using var lab = new LauncherLab();
        var (exit, _, error) = await lab.RunAsync(command);
        Assert.Equal(2, exit);
        Assert.StartsWith("samovar: " + expected, error, StringComparison.Ordinal);
    }

    /// <summary>With an apostrophe in an absolute path MSBuild's own lists of files come out wrong.</summary>
    [Fact]
    public async Task ProgramIsBuilt_IntoAFolderNamedFromItsProject()
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "msbuild", "src/Samovar.Cli", "-p:SamovarQuick=true", "-p:Configuration=Release", "-getProperty:OutputPath", "-nodeReuse:false",
        ])
        {
            WorkingDirectory = SourceTree.Root, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var (exit, output, error) = await LauncherLab.EndAsync(Process.Start(start)!);
        Assert.True(exit == 0, output + error);
        Assert.Equal("../../artifacts/program/bin/Samovar.Cli/release/", output.Trim().Replace('\\', '/'));
    }
}
