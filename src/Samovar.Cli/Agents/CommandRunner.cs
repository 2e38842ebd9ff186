using System.Diagnostics;
using System.Text;

namespace Samovar.Cli.Agents;

/// <summary>Runs an agent's shell command in its folder, within a time and a size; asks first unless that is turned off.</summary>
internal sealed class CommandRunner(string folder, Func<string, bool> mayRun, TimeSpan durationMax, TimeProvider time)
{
    private const int OutputCharsMax = 256 << 10;

    public async Task<string> RunAsync(string command, CancellationToken userGone)
    {
        if (!mayRun(command)) return "error: the user did not allow this command";
        using var process = new Process { StartInfo = Shell(command) };
        var output = new StringBuilder();
        void Append(string? line)
        {
            lock (output) if (line is not null && output.Length < OutputCharsMax) output.Append(line).Append('\n');
        }
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = await EndedAsync(process, userGone);
        lock (output)
        {
            var text = Workspace.Shorten(output.ToString().TrimEnd('\n'));
            return ended ? $"exit code {process.ExitCode}\n{text}" : $"error: stopped after {durationMax.TotalSeconds:0} s\n{text}";
        }
    }

    private ProcessStartInfo Shell(string command) => new(OperatingSystem.IsWindows() ? "cmd" : "/bin/sh")
    {
        ArgumentList = { OperatingSystem.IsWindows() ? "/c" : "-c", command },
        WorkingDirectory = folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private async Task<bool> EndedAsync(Process process, CancellationToken userGone)
    {
        using var deadline = new CancellationTokenSource(durationMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(userGone, deadline.Token);
        try
        {
            await process.WaitForExitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            userGone.ThrowIfCancellationRequested();
            return false;
        }
    }
}
