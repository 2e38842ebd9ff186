using System.Diagnostics;
using System.Text;

namespace Samovar.Bench.Workloads.Cases;

/// <summary>
/// Plays one case by its own player, <c>run.py</c>: a fake upstream that behaves as the case says, and the case's requests.
/// </summary>
internal sealed class CasePlayer(string script, int gatewayPort, int enginePort, int upstreamPort)
{
    private static readonly TimeSpan PlayMax = TimeSpan.FromMinutes(3);

    /// <summary>What came: answers as clients saw them, and what the upstream saw.</summary>
    public async Task<string> PlayAsync(string file)
    {
        var start = new ProcessStartInfo("python3", [script, file])
        {
            UseShellExecute = false, RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["GATEWAY"] = $"http://127.0.0.1:{gatewayPort}";
        start.Environment["ENGINE"] = $"http://127.0.0.1:{enginePort}";
        start.Environment["UPSTREAM_PORT"] = $"{upstreamPort}";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
        using var deadline = new CancellationTokenSource(PlayMax);
        try
        {
            var text = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return string.Join('\n', text.Split('\n').Where(line => !IsOfTheCase(line)));
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return $"  !! it did not end within {PlayMax}";
        }
    }

    private static bool IsOfTheCase(string line) =>
        line.StartsWith("=== ", StringComparison.Ordinal) || line.StartsWith("  expect:", StringComparison.Ordinal);
}
