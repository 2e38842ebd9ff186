using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Samovar.Engine;

namespace Samovar.Cli.Commands;

/// <summary>Tries a device in a process of its own, with this program's <c>try-device</c>.</summary>
internal sealed class DeviceTrial(EngineOptions options) : IDeviceTrial
{
    private const string CannotStart = "its trial could not be started";
    private const int LinesMax = 200;
    private const int LineCharsMax = 300;
    private static readonly TimeSpan LinesWaitMax = TimeSpan.FromSeconds(2); // what a driver leaves running holds its output open

    /// <summary>How this program was started, for the process of the trial.</summary>
    internal IReadOnlyList<string> Program { get; init; } = Itself();

    public string? FaultOf(string folder, string device)
    {
        string[] arguments =
        [
            .. Program.Skip(1), TryDeviceCommand.Name, "--library", folder, "--device", device,
            "--model", ModelFiles.Pocket() ?? options.ModelPath ?? "",
        ];
        var start = new ProcessStartInfo(Program[0], arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        start.Environment["GGML_NO_BACKTRACE"] = "1"; // a fault is expected here: no debugger need look at it
        try
        {
            using var process = Process.Start(start);
            return process is null ? CannotStart : FaultOf(process);
        }
        catch (Win32Exception exception)
        {
            return $"{CannotStart}: {exception.Message}";
        }
    }

    private string? FaultOf(Process process)
    {
        var said = new Queue<string>();
        process.OutputDataReceived += (_, line) => Keep(said, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(said, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        if (!process.WaitForExit(options.DeviceTrialMax))
        {
            End(process);
            return string.Create(CultureInfo.InvariantCulture, $"it did not start within {options.DeviceTrialMax.TotalSeconds:0.#} s");
        }
        if (process.ExitCode == 0) return null;
        process.WaitForExitAsync().Wait(LinesWaitMax); // until all that it said was read
        string[] lines;
        lock (said) lines = [.. said];
        return TryDeviceCommand.ReasonIn(lines) ?? string.Create(CultureInfo.InvariantCulture,
            $"its driver ended the trial with status {process.ExitCode}{(lines is [.., var last] ? ": " + last : "")}");
    }

    private static void End(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        catch (Exception exception) when (exception is Win32Exception or AggregateException or InvalidOperationException)
        {
            // A driver may hold it where no signal reaches it: the server goes on without the device.
        }
    }

    private static void Keep(Queue<string> said, string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (said)
        {
            said.Enqueue(line.Length > LineCharsMax ? line[..LineCharsMax] : line.Trim());
            if (said.Count > LinesMax) said.Dequeue();
        }
    }

    private static string[] Itself() =>
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) != "dotnet"
            ? [host]
            : [Environment.ProcessPath ?? "dotnet", Assembly.GetEntryAssembly()!.Location];
}
