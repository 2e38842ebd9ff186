using System.Diagnostics;
using System.Globalization;

namespace Samovar.Testing.Servers;

/// <summary>The scripted Responses server for Node, an implementation that is not ours, in a process of its own.</summary>
public sealed class ResponsesStub : IAsyncDisposable
{
    private readonly Process _process;

    private ResponsesStub(Process process, int port) =>
        (_process, BaseUrl) = (process, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/v1"));

    public string BaseUrl { get; }

    /// <summary>The folder of the stub with its packages installed; null where it is not at hand.</summary>
    public static string? Folder { get; } = new[] { Environment.GetEnvironmentVariable("SAMOVAR_STUB"), Cached(), Beside() }
        .FirstOrDefault(folder => folder is not null && Directory.Exists(Path.Combine(folder, "node_modules", "ws")));

    /// <param name="environment">What the stub's head describes: EVENTS, FAULTS …</param>
    public static async Task<ResponsesStub> StartAsync(string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("node", ["stub.mjs"])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The stub ended before it listened.");
        return new ResponsesStub(process, int.Parse(line["PORT=".Length..], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Where the real clients are installed.</summary>
    private static string Cached()
    {
        var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(caches)) caches = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "samovar", "clients", "stub");
    }

    private static string? Beside()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Samovar.slnx"))) return Path.Combine(folder, "..", "shared", "clients", "stub");
        return null;
    }
}
