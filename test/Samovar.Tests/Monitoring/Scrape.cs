using Samovar.Testing;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Monitoring;

/// <summary>Reads a server's metrics as Prometheus does.</summary>
internal static class Scrape
{
    /// <summary>A turn is counted just after its last event went out: reads until all of these lines are there.</summary>
    public static async Task<string> ShowsAsync(this RunningServer server, params string[] lines)
    {
        var late = Soon.Token;
        while (true)
        {
            var answer = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            if (lines.All(line => answer.Contains($"\n{line}\n", StringComparison.Ordinal))) return answer;
            if (late.IsCancellationRequested)
                Assert.Fail($"No {lines.First(line => !answer.Contains($"\n{line}\n", StringComparison.Ordinal))} in\n{answer}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
