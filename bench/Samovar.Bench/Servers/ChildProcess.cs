using System.Diagnostics;
using System.Globalization;

namespace Samovar.Bench.Servers;

/// <summary>A process beside the server: says <c>PORT=n</c> when it is ready. The bench's own ones end when their input does.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyMax = TimeSpan.FromMinutes(1), EndMax = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly bool _endsWithInput;
    private readonly Task<string> _remaining;

    private ChildProcess(Process process, int port, bool endsWithInput) =>
        (_process, Port, _endsWithInput, _remaining) = (process, port, endsWithInput, process.StandardOutput.ReadToEndAsync());

    public int Port { get; }
    public Uri BaseUrl => new($"http://127.0.0.1:{Port}/v1");

    /// <summary>One of the bench's own hidden commands.</summary>
    public static Task<ChildProcess> BenchAsync(params string[] arguments) =>
        StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Samovar.Bench.dll"), .. arguments], "", [], endsWithInput: true);

    /// <param name="inside">Makes of a command another that runs it elsewhere.</param>
    public static Task<ChildProcess> BenchAsync(string[] arguments, Func<string[], IReadOnlyList<string>> inside)
    {
        var command = inside(["dotnet", Path.Combine(AppContext.BaseDirectory, "Samovar.Bench.dll"), .. arguments]);
        return StartAsync(command[0], command.Skip(1), "", [], endsWithInput: true);
    }

    public static Task<ChildProcess> NodeAsync(string script, string folder, Dictionary<string, string> environment) =>
        StartAsync("node", [script], folder, environment, endsWithInput: false);

    private static async Task<ChildProcess> StartAsync(
        string program, IEnumerable<string> arguments, string folder, Dictionary<string, string> environment, bool endsWithInput)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        using var deadline = new CancellationTokenSource(ReadyMax);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            if (line.StartsWith("PORT=", StringComparison.Ordinal))
                return new ChildProcess(process, int.Parse(line["PORT=".Length..], CultureInfo.InvariantCulture), endsWithInput);
        throw new InvalidOperationException($"'{program}' ended before it was ready.");
    }

    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Writes a line to its standard input.</summary>
    public Task TellAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>Ends it without a word, as a machine that fails.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        if (!_endsWithInput && !_process.HasExited) _process.Kill();
        using var patience = new CancellationTokenSource(EndMax);
        try { await _process.WaitForExitAsync(patience.Token); }
        catch (OperationCanceledException) { _process.Kill(); }
        await _remaining;
        _process.Dispose();
    }
}
