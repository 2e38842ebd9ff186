using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Launcher;

/// <summary>
/// What <c>./samovar package</c> does around the builds, which here only leave what a build leaves; <c>./samovar package --check</c> makes
/// real ones and uses them.
/// </summary>
public sealed class PackageTests
{
    // As a real one: for each platform a program that is to be renamed, or packages.
    private const string Dotnet = """
        #!/bin/sh
        made=artifacts/program
        for word; do
          case $word in
            -p:SamovarPlatform=*) platform=${word#*=} ;;
            -p:SamovarPlatforms=*) platforms=$(echo "${word#*=}" | tr + ' ') ;;
          esac
        done
        case $1 in
          --list-sdks) echo "10.0.100 [/dotnet]" ;;
          publish)
            [ -z "$BROKEN" ] || { echo 'error CS1002: ; expected'; exit 1; }
            folder=$made/publish/Samovar.Cli/archive_$platform
            mkdir -p "$folder/native" && cp "artifacts/engines/$platform/"* "$folder/native"
            for name in Samovar.Cli Samovar.Cli.exe; do echo program >"$folder/$name"; done ;;
          pack)
            mkdir -p "$made/package/tool_"
            for name in $platforms; do echo "$name" >"$made/package/tool_/samovar.$name.0.1.0.nupkg"; done
            echo "$platforms" >"$made/package/tool_/samovar.0.1.0.nupkg" ;;
        esac
        """;

    // As npm lays out what it fetches, for whatever kind.
    private const string Npm = """
        #!/bin/sh
        case $PWD in */"${NPM_LACKS:-none}") exit 1 ;; esac
        package=node_modules/@node-llama-cpp/$(basename "$PWD")
        bins=$package/bins/$(basename "$PWD")
        mkdir -p "$bins"
        echo MIT >"$package/LICENSE"
        for name in libllama.so libllama-common.so llama-addon.node _nlcBuildMetadata.json; do echo library >"$bins/$name"; done
        """;

    [Fact]
    public async Task Packages_AreMadeForThePlatforms_ThatAreNamed_WithTheirChecksums()
    {
        using var lab = Lab();
        var (exit, _, error) = await lab.RunAsync(["package", "linux-arm64", "win-x64"]);
        Assert.True(exit == 0, error);
        var folder = lab.Artifacts("packages");
        string[] expected =
        [
            "SHA256SUMS", "samovar-0.1.0-linux-arm64.tar.gz", "samovar-0.1.0-win-x64.zip", "samovar.0.1.0.nupkg",
            "samovar.linux-arm64.0.1.0.nupkg", "samovar.win-x64.0.1.0.nupkg",
        ];
        Assert.Equal(expected, Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.Equal("linux-arm64 win-x64\n", File.ReadAllText(Path.Combine(folder, "samovar.0.1.0.nupkg")));
        var sums = File.ReadAllLines(Path.Combine(folder, "SHA256SUMS")).Select(line => line.Split("  ")).ToList();
        Assert.Equal(expected[1..], sums.Select(sum => sum[1]));
        Assert.All(sums, sum =>
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, sum[1])))), sum[0]));
        Assert.Equal(["npm: linux-arm64", "npm: win-x64"], Fetched(error));
        Assert.Empty(Fetched((await lab.RunAsync(["package", "win-x64"])).Error)); // they are here
        Assert.False(File.Exists(Path.Combine(folder, expected[1]))); // what was made before is gone
    }

    [Fact]
    public async Task Archive_HasTheProgramByItsName_AndTheEngineWithItsLicence()
    {
        using var lab = Lab();
        var (exit, _, error) = await lab.RunAsync(["package", "linux-x64"]);
        Assert.True(exit == 0, error);
        const string Top = "samovar-0.1.0-linux-x64/";
        await using var file = File.OpenRead(lab.Artifacts($"packages/{Top.TrimEnd('/')}.tar.gz"));
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        await using var tar = new TarReader(unpacked);
        var entries = new Dictionary<string, UnixFileMode>(StringComparer.Ordinal);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
            entries[entry.Name] = entry.Mode;
        Assert.True(entries[Top + "samovar"].HasFlag(UnixFileMode.OtherExecute));
        var native = entries.Keys.Where(name => name.Contains("/native/", StringComparison.Ordinal) && !name.EndsWith('/'));
        Assert.Equal([Top + "native/LICENSE", Top + "native/libllama.so"], native.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Top + "Samovar.Cli", entries.Keys);
    }

    [Theory]
    [InlineData(2, "there is no package for 'linux-riscv64'; there are: linux-x64 linux-arm64 osx-arm64 win-x64.", "linux-riscv64")]
    [InlineData(2, "there is no package for '--all'", "--all")]
    public async Task WrongWord_IsNamed(int status, string says, params string[] arguments)
    {
        using var lab = Lab();
        var (exit, _, error) = await lab.RunAsync(["package", .. arguments]);
        Assert.Equal(status, exit);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BuildThatFails_IsShown_AndNothingIsLeftThatLooksLikeAPackage()
    {
        using var lab = Lab();
        var (exit, _, error) = await lab.RunAsync(["package", "linux-x64"], ("BROKEN", "1"));
        Assert.Equal(1, exit);
        Assert.Contains("error CS1002", error, StringComparison.Ordinal);
        Assert.Contains("the packages could not be built", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(lab.Artifacts("packages")));
    }

    [Fact]
    public async Task EngineThatCannotBeFetched_IsNamed()
    {
        using var lab = Lab();
        var (exit, _, error) = await lab.RunAsync(["package"], ("NPM_LACKS", "mac-arm64-metal"));
        Assert.Equal(1, exit);
        Assert.Contains("the native engine mac-arm64-metal could not be fetched", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MachineWithoutPackages_CannotCheckThem()
    {
        using var lab = Lab("Linux", "riscv64");
        var (exit, _, error) = await lab.RunAsync(["package", "--check"]);
        Assert.Equal(1, exit);
        Assert.Contains("there are no packages for this machine (linux-riscv64)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_HasAPackageForEachPlatform_ByWhatMSBuildReads()
    {
        using var lab = Lab();
        var project = Path.Combine(lab.Root, "platforms.proj");
        File.WriteAllText(project, $"""
            <Project>
              <Import Project="{Path.Combine(SourceTree.Root, "src", "Samovar.Cli", "Package.props")}" />
              <ItemGroup><Platform Include="$(ToolPackageRuntimeIdentifiers)" /></ItemGroup>
            </Project>
            """);
        string[] arguments = ["msbuild", project, "-p:SamovarPackage=tool", "-p:SamovarPlatforms=linux-x64+win-x64", "-getItem:Platform"];
        using var read = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        var output = await read.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var platforms = JsonNode.Parse(output)!["Items"]!["Platform"]!.AsArray();
        Assert.Equal(["linux-x64", "win-x64"], platforms.Select(one => one!["Identity"]!.GetValue<string>()));
    }

    /// <summary>Whoever gets a package gets the names and licences of all that is in it.</summary>
    [Fact]
    public void Notices_NameEveryLibrary()
    {
        var notices = File.ReadAllText(Path.Combine(SourceTree.Root, "launcher", "package", "THIRD-PARTY-NOTICES.txt"));
        var words = notices.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(Libraries().Concat(Scripts()), name => Assert.Contains(name, words));
    }

    private static IEnumerable<string> Libraries()
    {
        using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "src/Samovar.Cli/packages.lock.json")));
        return [.. locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject())
            .Where(library => library.Value.GetProperty("type").GetString() != "Project").Select(library => library.Name)
            .Where(name => !name.Contains("Analyzer", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Scripts()
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "src/Samovar.Web/package.json")));
        return [.. package.RootElement.GetProperty("dependencies").EnumerateObject().Select(script => script.Name)
            .Where(name => name != "esbuild")]; // it bundles them
    }

    private static IEnumerable<string> Fetched(string error) => error.Split('\n')
        .Where(line => line.Contains("fetching", StringComparison.Ordinal)).Select(line => $"npm: {line.Split(' ')[^2]}");

    private static LauncherLab Lab(string system = "Linux", string processor = "x86_64")
    {
        var lab = new LauncherLab(system, processor);
        lab.Bring("cp", "chmod", "tar", "gzip", "sha256sum", "mktemp");
        lab.Write("dotnet", Dotnet);
        lab.Write("npm", Npm);
        lab.Write("zip", "#!/bin/sh\necho \"$4\" >\"$3\""); // -q -r FILE FOLDER
        return lab;
    }
}
