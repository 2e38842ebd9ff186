using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Interop.Tests;

/// <summary>What a program left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output);

/// <summary>Runs other programs to their end, bounded in time, with all their children.</summary>
internal static class Commands
{
    private const int NotFound = 127;

    public static async Task<CommandResult> TryRunAsync(
        string program, IEnumerable<string> arguments, TimeSpan timeMax, IReadOnlyDictionary<string, string>? environment = null,
            string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? InteropPaths.Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        try { process.Start(); }
        catch (Win32Exception exception) { return new CommandResult(NotFound, exception.Message); }
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try { await process.WaitForExitAsync().WaitAsync(timeMax); }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return new CommandResult(-1, $"not finished within {timeMax}\n{await output}{await errors}");
        }
        return new CommandResult(process.ExitCode, await output + await errors);
    }
}
