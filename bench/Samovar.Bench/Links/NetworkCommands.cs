using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Bench.Links;

/// <summary>Runs one command.</summary>
/// <returns>Null where it succeeded, else what it said.</returns>
internal delegate Task<string?> RunCommand(IReadOnlyList<string> command);

/// <summary>The machine's own <c>ip</c> and <c>tc</c>.</summary>
internal static class NetworkCommands
{
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(10);

    public static async Task<string?> RunAsync(IReadOnlyList<string> command)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
            },
        };
        try { process.Start(); }
        catch (Win32Exception exception) { return exception.Message; }
        using var deadline = new CancellationTokenSource(RunMax);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = await process.StandardError.ReadToEndAsync(deadline.Token);
            await output;
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0 ? null : error.Trim() is { Length: > 0 } said ? said : $"exit code {process.ExitCode}";
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return $"not done after {RunMax.TotalSeconds} s";
        }
    }
}
