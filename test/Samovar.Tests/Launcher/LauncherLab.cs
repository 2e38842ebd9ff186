using System.Diagnostics;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Launcher;

/// <summary>
/// The launcher in a clone of its own, on a machine that has only what POSIX promises (and <c>readlink</c>, without GNU's options), where
/// dotnet and npm only say what they would do.
/// </summary>
internal sealed class LauncherLab : IDisposable
{
    private static readonly string[] Tools =
    [
        "cat", "cut", "dirname", "basename", "find", "grep", "head", "tail", "sed", "ln", "rm", "mv", "mkdir", "sleep", "tee", "tr", "wc",
        "id", "cksum", "date",
    ];

    // Builds only in the clone and with a home, as dotnet does; says what the settings name.
    private const string Dotnet = """
        #!/bin/sh
        case $1 in
          --list-sdks) [ -z "${SDKS-10.0.100}" ] || echo "${SDKS-10.0.100} [/dotnet]" ;;
          build)
            [ "$PWD" = "$SAMOVAR_ROOT" ] && [ -w "$HOME" ] && [ -w "${TMPDIR:-/tmp}" ] || exit 145
            echo '  Determining projects to restore...'
            echo '  Samovar.Cli -> /x/Samovar.Cli.dll'
            echo 'Build succeeded.'
            mkdir -p "$SAMOVAR_ROOT/artifacts/program/bin/Samovar.Cli/release"
            : >"$SAMOVAR_ROOT/artifacts/program/bin/Samovar.Cli/release/Samovar.Cli.dll" ;;
          *)
            if [ "$2" = native-device ]; then echo "${SETTINGS_DEVICE:-auto}"; else echo "started $*"; fi ;;
        esac
        """;

    // Fetches everything but what NPM_LACKS names.
    private const string Npm = """
        #!/bin/sh
        [ -w "$HOME" ] || exit 1
        case $PWD in */"${NPM_LACKS:-none}") exit 1 ;; esac
        mkdir -p node_modules
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("it's a samovar-launcher (ü) ").FullName;

    public LauncherLab(string system = "Linux", string processor = "x86_64")
    {
        Directory.CreateDirectory(Bin);
        Directory.CreateDirectory(Machine);
        Bring(Tools);
        Write("readlink", $"#!/bin/sh\ncase $1 in -*) exit 64 ;; esac\nexec {Locate("readlink")} \"$@\"");
        Write("sort", $"#!/bin/sh\ncase $* in *z*) exit 64 ;; esac\nexec {Locate("sort")} \"$@\"");
        Write("uname", $"#!/bin/sh\ncase $1 in -s) echo {system} ;; -m) echo {processor} ;; esac");
        Write("dotnet", Dotnet);
        Write("npm", Npm);
        Clone();
    }

    public string Root => Path.Combine(_folder, "clone");

    /// <summary>The machine's file system, as far as the launcher looks for devices in it.</summary>
    public string Machine => Path.Combine(_folder, "machine");

    private string Bin => Path.Combine(_folder, "bin");

    /// <summary>More tools than POSIX promises.</summary>
    public void Bring(params string[] tools)
    {
        foreach (var tool in tools) File.CreateSymbolicLink(Path.Combine(Bin, tool), Locate(tool));
    }

    public void Remove(string tool) => File.Delete(Path.Combine(Bin, tool));

    public string Artifacts(string path) => Path.Combine(Root, "artifacts", path).TrimEnd('/');

    public void PutSettings() => File.WriteAllText(Path.Combine(_folder, "samovar.json"), "{}");

    public void Put(string path)
    {
        var file = Path.Combine(Machine, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
    }

    public Process Start(string[] shell, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(shell[0], [.. shell[1..], Path.Combine(Root, "samovar"), .. arguments])
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Bin;
        start.Environment["SAMOVAR_PROBE_ROOT"] = Machine;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public async Task<(int Exit, string Output, string Error)> RunAsync(
        string[] arguments, params (string Name, string Value)[] environment) => await EndAsync(Start(["/bin/sh"], arguments, environment));

    public static async Task<(int Exit, string Output, string Error)> EndAsync(Process process)
    {
        using var owned = process;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public void Write(string tool, string text)
    {
        var file = Path.Combine(Bin, tool);
        File.WriteAllText(file, text.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Clone()
    {
        string[] files = ["samovar", "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "Samovar.slnx"];
        var folders = new[] { "launcher", "native" }.SelectMany(folder => Directory
            .EnumerateFiles(Path.Combine(SourceTree.Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(SourceTree.Root, file))
            .Where(file => !file.Contains("node_modules", StringComparison.Ordinal)));
        foreach (var file in files.Concat(folders).Append("src/Samovar.Cli/Samovar.Cli.csproj"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Root, file))!);
            File.Copy(Path.Combine(SourceTree.Root, file), Path.Combine(Root, file));
        }
    }

    private static string Locate(string tool) =>
        new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, tool)).First(File.Exists);
}
