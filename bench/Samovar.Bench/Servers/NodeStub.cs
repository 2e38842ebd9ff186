using System.ComponentModel;
using System.Diagnostics;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Servers;

/// <summary>Finds the Node stub, which is not part of this repository, and installs its one package into <c>artifacts</c>.</summary>
internal static class NodeStub
{
    private static readonly TimeSpan InstallMax = TimeSpan.FromMinutes(5);
    private static string Root => Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".";

    /// <summary>The stub's folder, ready to run; null, and a sentence on what to do, where it is not at hand.</summary>
    /// <param name="given">What <c>--stub</c> says; null looks beside the repository.</param>
    public static async Task<string?> FindAsync(string? given)
    {
        if (given is null && ResponsesStub.Folder is { } ready) return ready;
        var shared = Environment.GetEnvironmentVariable("SAMOVAR_SHARED") ?? Path.Combine(Root, "..", "shared");
        var source = Path.GetFullPath(given ?? Path.Combine(shared, "clients", "stub"));
        if (!File.Exists(Path.Combine(source, "stub.mjs")))
            return await MissingAsync($"there is no stub.mjs in {source}; name its folder with --stub DIR");
        if (Directory.Exists(Path.Combine(source, "node_modules", "ws"))) return source;
        return await InstallAsync(source);
    }

    private static async Task<string?> InstallAsync(string source)
    {
        var folder = Path.GetFullPath(Path.Combine(Root, "artifacts", "stub"));
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (Directory.Exists(Path.Combine(folder, "node_modules", "ws"))) return folder;
        var start = new ProcessStartInfo("npm", ["ci", "--silent", "--no-audit", "--no-fund"]) { WorkingDirectory = folder };
        try
        {
            using var npm = Process.Start(start)!;
            await npm.WaitForExitAsync().WaitAsync(InstallMax);
            return npm.ExitCode == 0 ? folder : await MissingAsync($"'npm ci' failed in {folder}");
        }
        catch (Win32Exception)
        {
            return await MissingAsync("npm is missing, which brings the stub's package 'ws'");
        }
    }

    private static async Task<string?> MissingAsync(string why)
    {
        await Console.Error.WriteLineAsync($"bench: without the Node stub: {why}.");
        return null;
    }
}
