using System.Diagnostics;
using Samovar.Testing;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Launcher;

/// <summary>How <c>./samovar test</c> runs the test projects, which here only say that they ran.</summary>
public sealed class LauncherProjectsTests : IDisposable
{
    // Those that are to run beside each other wait for the other, and fail alone; the fourth fails while three run.
    private const string Dotnet = """
        #!/bin/sh
        name=$(basename "$1" .dll) && : >"$MET/$name" && : >"$MET/on.$name"
        trap 'rm -f "$MET/on.$name"' EXIT
        [ "$(ls "$MET" | grep -c '^on')" -le 3 ] || exit 1
        other=
        case $name in
          Samovar.Storage.Tests) other=Samovar.Interop.Tests ;;
          Samovar.Interop.Tests) other=Samovar.Storage.Tests ;;
          Samovar.Tests) [ "$(getconf _NPROCESSORS_ONLN)" -lt 2 ] || other=Samovar.Interop.Tests ;;
        esac
        tries=0
        while [ -n "$other" ] && [ ! -f "$MET/$other" ]; do
          tries=$((tries + 1)) && [ "$tries" -lt 600 ] || exit 1
          sleep 0.1
        done
        echo "$name says $4 $5 $6"
        sleep 0.2
        echo "$name has ended"
        [ "$name" != "$SILENT" ] || exit 3
        echo "<assembly total=\"3\" passed=\"2\" failed=\"${FAILED:-0}\" skipped=\"1\" errors=\"0\">" >"$3"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("it's a samovar-projects (ü) ").FullName;

    public LauncherProjectsTests()
    {
        foreach (var name in new[] { "Samovar.Bench.Tests", "Samovar.Interop.Tests", "Samovar.Storage.Tests", "Samovar.Tests" })
        {
            var project = Directory.CreateDirectory(Path.Combine(_folder, "test", name)).FullName;
            File.WriteAllText(Path.Combine(project, name + ".csproj"), "<IsTestProject>true</IsTestProject>");
        }
        var testing = Directory.CreateDirectory(Path.Combine(_folder, "test", "Samovar.Testing")).FullName;
        File.WriteAllText(Path.Combine(testing, "Samovar.Testing.csproj"), "<Project/>");
        File.WriteAllText(Path.Combine(_folder, "dotnet"), Dotnet);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_folder, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Projects_RunOnceEach_TwoAtOnceAndTheLightOneBeside_AndAreCounted()
    {
        var (exit, output) = await RunAsync();
        Assert.Equal(0, exit);
        Assert.EndsWith("4 skipped (the reasons stand above)\n8 passed, 0 failed\n", output, StringComparison.Ordinal);
        foreach (var name in new[] { "Samovar.Bench.Tests", "Samovar.Interop.Tests", "Samovar.Storage.Tests", "Samovar.Tests" })
            Assert.Single(output.Split('\n'), line => line == $"{name} says -noColor -class X");
    }

    [Theory]
    [InlineData("Samovar.Storage.Tests")]
    [InlineData("Samovar.Interop.Tests")]
    [InlineData("Samovar.Tests")]
    public async Task ProjectThatLeavesNoResult_Fails(string name)
    {
        var (exit, output) = await RunAsync(("SILENT", name));
        Assert.Equal(1, exit);
        Assert.EndsWith("6 passed, 1 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedTests_FailTheRun()
    {
        var (exit, output) = await RunAsync(("FAILED", "1"));
        Assert.Equal(1, exit);
        Assert.EndsWith("8 passed, 4 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_OfAProject_StandsTogether()
    {
        var (_, output) = await RunAsync();
        foreach (var name in new[] { "Samovar.Bench.Tests", "Samovar.Interop.Tests", "Samovar.Storage.Tests", "Samovar.Tests" })
            Assert.Contains($"{name} says -noColor -class X\n{name} has ended\n", output, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output)> RunAsync(params (string Name, string Value)[] variables)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The launcher is a shell script.");
        const string script = """set -eu; root=$1; . "$2/say.sh"; . "$2/tests.sh"; PATH=$root:$PATH; run_tests -class X""";
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", _folder, Path.Combine(SourceTree.Root, "launcher")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment["MET"] = Directory.CreateDirectory(Path.Combine(_folder, "met")).FullName;
        start.Environment["SILENT"] = "";
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Soon.Token);
        var output = await process.StandardOutput.ReadToEndAsync(Soon.Token);
        await process.WaitForExitAsync(Soon.Token);
        Assert.DoesNotContain("not found", await errors, StringComparison.Ordinal);
        return (process.ExitCode, output);
    }
}
