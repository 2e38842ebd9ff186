using System.Diagnostics;
using System.Globalization;
using Samovar.Bench.Servers;
using Samovar.Bench.Workloads;

namespace Samovar.Bench.Peers;

/// <summary>How llama-server is set up for a comparison.</summary>
internal enum LlamaServerSetup
{
    /// <summary>As it comes: few slots, chosen by how alike the prompts are, one cache for all.</summary>
    Defaults,

    /// <summary>The best that can be done by hand: as many slots as sessions, each named by its session, each with its own cells.</summary>
    SlotForEach,

    /// <summary>As many slots as sessions, chosen by how alike the prompts are, all of them in one room of cells.</summary>
    SharedCells,
}

/// <summary>The room that it may take: cells for so many contexts, and host memory for prompts that were put aside.</summary>
internal sealed record LlamaServerMemory(int Contexts, long HostBytes);

/// <summary>
/// llama.cpp's own server with the same model file. The program is the user's: it is started with llama-server's arguments and is stopped
/// afterwards.
/// </summary>
internal sealed class LlamaServer : IContender
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Pause = TimeSpan.FromMilliseconds(100);
    private readonly Process _process;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };
    private readonly LlamaServerSetup _setup;
    private readonly int _outputTokens;

    private LlamaServer(Process process, int port, LlamaServerSetup setup, int outputTokens)
    {
        (_process, _setup, _outputTokens) = (process, setup, outputTokens);
        BaseUrl = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/v1");
    }

    public Uri BaseUrl { get; }

    public static Task<LlamaServer> StartAsync(
        string program, string model, LlamaServerSetup setup, int sessions, int sessionTokens, int outputTokens) =>
        StartAsync(program, model, outputTokens, setup, Settings(setup, sessions, sessionTokens, null));

    /// <param name="sessionTokens">The longest context of a session.</param>
    /// <param name="memory">Null: what it takes by itself, or what all sessions need.</param>
    public static Task<LlamaServer> StartAsync(string program, string model, LlamaServerSetup setup, int sessions, int sessionTokens,
        LlamaServerMemory? memory) => StartAsync(program, model, 0, setup, Settings(setup, sessions, sessionTokens, memory));

    /// <summary>What it says of itself; null where it says nothing.</summary>
    public static async Task<string?> VersionAsync(string program)
    {
        var start = new ProcessStartInfo(program, ["--version"])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var late = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(late.Token);
        return $"{await output}\n{await errors}".Split('\n').FirstOrDefault(line => line.StartsWith("version", StringComparison.Ordinal));
    }

    private static string[] Settings(LlamaServerSetup setup, int sessions, int sessionTokens, LlamaServerMemory? memory)
    {
        var cells = (memory?.Contexts ?? sessions) * sessionTokens;
        string[] kept = memory is null ? [] : ["--cache-ram", $"{memory.HostBytes >> 20}"];
        return setup switch
        {
            LlamaServerSetup.SlotForEach => ["-np", $"{sessions}", "-c", $"{sessions * sessionTokens}", "--no-kv-unified", .. kept],
            LlamaServerSetup.SharedCells => ["-np", $"{memory?.Contexts ?? sessions}", "-c", $"{cells}", "--kv-unified", .. kept],
            _ => memory is null ? [] : ["-c", $"{cells}", .. kept],
        };
    }

    private static async Task<LlamaServer> StartAsync(
        string program, string model, int outputTokens, LlamaServerSetup setup, string[] settings)
    {
        var port = ServerProcess.FreePort();
        string[] arguments =
        [
            "-m", model, "--host", "127.0.0.1", "--port", $"{port}", "-t", $"{Environment.ProcessorCount}", .. settings,
        ];
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new LlamaServer(process, port, setup, outputTokens);
        await server.ReadyAsync();
        return server;
    }

    public IContenderSession Begin(string instructions, int number) => new SlotSession(
        BaseUrl, instructions, _outputTokens, _setup == LlamaServerSetup.SlotForEach ? number : null);

    private async Task ReadyAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            if (_process.HasExited) throw new InvalidOperationException($"llama-server ended with exit code {_process.ExitCode}.");
            try
            {
                using var answer = await _http.GetAsync(new Uri(BaseUrl, "/health"));
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(Pause);
        }
        throw new TimeoutException($"llama-server was not ready within {Patience}.");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
