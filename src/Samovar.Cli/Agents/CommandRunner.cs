using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Cli.Agents;

/// <summary>Runs an agent's shell command in its folder, within a time and a size; asks first unless that is turned off.</summary>
internal sealed class CommandRunner(string folder, Func<string, bool> mayRun, TimeSpan durationMax, TimeProvider time)
{
    private const string StillRuns = "\n(what it started is still running; nobody reads what that says: send it to a file)";
    private static readonly TimeSpan PipesTimeMax = TimeSpan.FromSeconds(1); // for the rest of what was said

    public async Task<string> RunAsync(string command, CancellationToken userGone)
    {
        if (!mayRun(command)) return "error: the user did not allow this command";
        using var process = new Process { StartInfo = Shell(command) };
        process.Start();
        process.StandardInput.Close();
        using var left = new CancellationTokenSource();
        using var said = process.StandardOutput;
        using var complained = process.StandardError;
        var output = new CommandOutput();
        var reading = Task.WhenAll(output.ReadAsync(said, left.Token), output.ReadAsync(complained, left.Token));
        bool hasEnded, isAllSaid;
        try
        {
            hasEnded = await EndedAsync(process, userGone);
            isAllSaid = await IsOverAsync(reading);
        }
        finally
        {
            await left.CancelAsync();
            await IsOverAsync(reading); // at once, where a read can be stopped
        }
        var text = Workspace.Shorten(output.ToString().TrimEnd('\n')) + (isAllSaid ? "" : StillRuns);
        return hasEnded ? $"exit code {process.ExitCode}\n{text}" : $"error: stopped after {durationMax.TotalSeconds:0} s\n{text}";
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
            Kill(process);
            userGone.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Whether both outputs have ended. What the command has started in the background may hold them for ever.</summary>
    private async Task<bool> IsOverAsync(Task reading)
    {
        try
        {
            await reading.WaitAsync(PipesTimeMax, time, CancellationToken.None);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static void Kill(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or AggregateException)
        {
            // it has ended meanwhile, or made itself somebody else's
        }
    }
}
