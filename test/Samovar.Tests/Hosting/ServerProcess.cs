using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Samovar.Tests.Hosting;

/// <summary>A server in a process of its own, for what a process has but once: its limits, its signals, its end.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const string LastLine = "Press Ctrl+C to stop it.";
    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }
    public int Id => _process.Id;

    /// <param name="shell">Commands of the shell that becomes the server: limits.</param>
    /// <param name="runner">A program that becomes the server: <c>env</c> with what it sets.</param>
    /// <param name="server">The server of another build; null is that of this one.</param>
    public static async Task<ServerProcess> StartAsync(
        string shell, IReadOnlyDictionary<string, string> environment, string runner = "", string? server = null)
    {
        server ??= Path.Combine(AppContext.BaseDirectory, "Samovar.Cli.dll");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"{shell}\nexec {runner} dotnet '{server}' serve --port 0"])
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        };
        if (!environment.ContainsKey("SAMOVAR_Server__DataPath")) start.Environment["SAMOVAR_Store__Kind"] = "memory";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(Samovar.Testing.Soon.Token) is { } line)
            if (Ready().Match(line) is { Success: true } ready) return new ServerProcess(process, new Uri(ready.Groups[1].Value));
        await process.WaitForExitAsync(Samovar.Testing.Soon.Token);
        throw new InvalidOperationException($"The server ended with {process.ExitCode}.");
    }

    /// <summary>What its first screen says below the line that it is ready.</summary>
    public async Task<string> ScreenAsync()
    {
        var screen = new StringBuilder();
        while (await _process.StandardOutput.ReadLineAsync(Samovar.Testing.Soon.Token) is { } line)
        {
            screen.Append(line).Append('\n');
            if (line == LastLine) break;
        }
        return screen.ToString();
    }

    /// <summary>The line of a file of /proc that begins with a name.</summary>
    public string Proc(string file, string name) =>
        File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{Id}/{file}"))
            .First(line => line.StartsWith(name, StringComparison.Ordinal));

    /// <summary>Ends it as an operator does.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    /// <param name="name">Of the signal: <c>INT</c>.</param>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, string.Create(CultureInfo.InvariantCulture, $"{Id}")]);
        await kill.WaitForExitAsync(Samovar.Testing.Soon.Token);
    }

    /// <returns>Its exit status.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(Samovar.Testing.Soon.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"^Samovar is ready on (http\S+)")]
    private static partial Regex Ready();
}
