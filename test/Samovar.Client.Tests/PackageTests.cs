using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace Samovar.Client.Tests;

/// <summary>
/// The packages as other people get them: from a feed, into a program in a folder that knows nothing of this repository, on .NET 10 and,
/// with its runtime beside the program, on .NET 8.
/// </summary>
/// <remarks>
/// Builds twice and downloads the old runtime once into the machine's package cache: about two minutes on two busy cores.
/// </remarks>
public sealed class PackageTests : IAsyncLifetime
{
    private static readonly TimeSpan BuildTimeMax = TimeSpan.FromMinutes(10);
    private static readonly string[] Packages = ["Samovar.Client", "Samovar.Protocol"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-package-");
    private readonly string _version = "0.1.0-test." + Path.GetRandomFileName().Replace('.', 'x');

    private string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>Inside the root: its paths, and no others, have other names in what is packed.</summary>
    private string Built => Path.Combine(Root(), "artifacts", _version);

    public async ValueTask InitializeAsync()
    {
        foreach (var package in Packages)
            await DotnetAsync(Root(), "pack", Path.Combine("src", package), "-c", "Release", "-o", Feed, $"-p:Version={_version}",
                "-p:RunAnalyzers=false", "--artifacts-path", Built);
    }

    public async ValueTask DisposeAsync()
    {
        var said = await DotnetAsync(_folder.FullName, "nuget", "locals", "global-packages", "--list");
        var cache = said[(said.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        foreach (var package in Packages)
            if (Path.Combine(cache, package.ToLowerInvariant(), _version) is var kept && Directory.Exists(kept))
                Directory.Delete(kept, recursive: true);
        Directory.Delete(Built, recursive: true);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Packages_HaveWhatTheyNeed_AndRunInACleanFolder_OnBothRuntimes()
    {
        foreach (var package in Packages) CheckPackage(package);
        var program = MakeProgram();
        await DotnetAsync(program, "build", "-c", "Release");
        await using var lab = await Lab.StartAsync();
        foreach (var framework in (string[])["net8.0", "net10.0"])
            Assert.True(File.Exists(Path.Combine(program, "bin", "Release", framework, "chat.dll")), framework);
        var newest = await RunAsync(
            ProcessOfDotnet(), [Path.Combine(program, "bin", "Release", "net10.0", "chat.dll"), lab.BaseUrl.AbsoluteUri]);
        Assert.Equal("one\ntwo\n.NET 10\n", newest);
        var rid = RuntimeInformation.RuntimeIdentifier;
        await DotnetAsync(program, "publish", "-c", "Release", "-f", "net8.0", "-r", rid, "--self-contained", "-o", "alone");
        var alone = Path.Combine(program, "alone", OperatingSystem.IsWindows() ? "chat.exe" : "chat");
        Assert.Equal("one\ntwo\n.NET 8\n", await RunAsync(alone, [lab.BaseUrl.AbsoluteUri]));
        Assert.Equal(4, lab.Backend.Turns);
    }

    private void CheckPackage(string package)
    {
        Assert.True(File.Exists(Path.Combine(Feed, $"{package}.{_version}.snupkg")));
        using var archive = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.{_version}.nupkg"));
        foreach (var framework in (string[])["net8.0", "net10.0"])
        {
            Assert.NotNull(archive.GetEntry($"lib/{framework}/{package}.xml"));
            CheckIsReproducible(archive.GetEntry($"lib/{framework}/{package}.dll")!);
        }
        Assert.NotNull(archive.GetEntry("README.md"));
        using var spec = archive.GetEntry($"{package}.nuspec")!.Open();
        var metadata = XDocument.Load(spec).Root!.Elements().Single();
        string Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        Assert.Equal(("MIT", "README.md", "The Samovar authors"), (Value("license"), Value("readme"), Value("authors")));
        Assert.True(Value("description").Length > 20);
        var needs = metadata.Descendants().Where(static element => element.Name.LocalName == "dependency")
            .Select(static element => element.Attribute("id")!.Value).Distinct().Order(StringComparer.Ordinal);
        string[] expected = package == "Samovar.Protocol" ? ["System.Text.Json"]
            : ["Microsoft.Extensions.AI.Abstractions", "Samovar.Protocol", "System.Text.Json"];
        Assert.Equal(expected, needs);
    }

    /// <summary>Built the same way anywhere, it would be the same file: no clock and no path of this machine is in it.</summary>
    private static void CheckIsReproducible(ZipArchiveEntry library)
    {
        using var bytes = new MemoryStream();
        using (var packed = library.Open()) packed.CopyTo(bytes);
        bytes.Position = 0;
        using var image = new PEReader(bytes);
        var debug = image.ReadDebugDirectory();
        Assert.Contains(debug, static entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        var symbols = debug.Single(static entry => entry.Type == DebugDirectoryEntryType.CodeView);
        Assert.StartsWith("/_", image.ReadCodeViewDebugDirectoryData(symbols).Path, StringComparison.Ordinal);
    }

    /// <summary>The first program of the page, which then says what it runs on.</summary>
    private string MakeProgram()
    {
        var program = _folder.CreateSubdirectory("program").FullName;
        File.WriteAllText(Path.Combine(program, "nuget.config"),
            $"""<configuration><packageSources><add key="samovar-test" value="{Feed}" /></packageSources></configuration>""");
        File.WriteAllText(Path.Combine(program, "chat.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFrameworks>net8.0;net10.0</TargetFrameworks>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                <UseAppHost Condition="'$(TargetFramework)' == 'net10.0'">false</UseAppHost>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Samovar.Client" Version="{_version}" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(program, "Program.cs"),
            DocumentTests.Programs[0] + "Console.WriteLine(\".NET \" + Environment.Version.Major);\n");
        return program;
    }

    private static Task<string> DotnetAsync(string folder, params string[] arguments) =>
        RunAsync(ProcessOfDotnet(), arguments, folder);

    private static async Task<string> RunAsync(string file, string[] arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(file)
        {
            WorkingDirectory = folder ?? "", UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false"; // nothing stays behind
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync("[[final=one]]\n[[final=two]]\n");
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(BuildTimeMax);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        var said = (await output).ReplaceLineEndings("\n");
        Assert.True(process.ExitCode == 0, $"{file} {string.Join(' ', arguments)}\n{said}\n{await errors}");
        return said;
    }

    private static string ProcessOfDotnet() =>
        Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";

    private static string Root([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..");
}
