using System.Globalization;
using System.Text.RegularExpressions;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>
/// The openai SDK resends its whole history at one end, a server that is not ours keeps state on its sockets at the other: between them
/// goes what is new.
/// </summary>
public sealed partial class StatelessGatewayTests(ITestOutputHelper output)
{
    private const int Steps = 6;
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("responses", "content")]
    [InlineData("chat", "content_without_reasoning")]
    public async Task ResentHistory_LeavesAsWhatIsNew(string api, string matched)
    {
        Assert.SkipWhen(InteropPaths.Clients is null, "The clients' runners are not beside this clone (SAMOVAR_SHARED, or ../shared).");
        var (stubs, clients) = (await ClientInstall.StubAsync(), await ClientInstall.SdksAsync());
        Assert.SkipWhen(stubs is null || clients is null, "npm is missing.");
        await using var stub = await ResponsesStub.StartAsync(stubs);
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Upstream:Pools:0:Name"] = "stub",
            ["Upstream:Pools:0:Destinations:0:Name"] = "stub",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws",
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = stub.BaseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "*",
        });
        var environment = new Dictionary<string, string>
        {
            ["BASE_URL"] = $"{server.Address}v1", ["API"] = api, ["STEPS"] = Steps.ToString(CultureInfo.InvariantCulture),
        };
        var result = await Commands.TryRunAsync("node", ["histories.mjs"], RunMax, environment, clients);
        Assert.True(result.ExitCode == 0, result.Output);

        var metrics = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        output.WriteLine(metrics);
        Assert.Equal(Steps, Sum(metrics, "samovar_turns_histories_total", $"samovar_matched=\"{matched}\""));
        Assert.Equal(Steps, Sum(metrics, "samovar_upstream_attempts_total", "samovar_sent=\"delta\""));
        Assert.Equal(1, Sum(metrics, "samovar_upstream_attempts_total", "samovar_sent=\"whole\""));
        var (bytesIn, bytesUp) = (Sum(metrics, "samovar_turns_bytes_total", "\"in\""), Sum(metrics, "samovar_turns_bytes_total", "\"up\""));
        Assert.True(bytesIn > (Steps + 1) * 19_000, $"in {bytesIn}");
        Assert.True(bytesUp < 19_500 + Steps * 1_000, $"up {bytesUp}");
    }

    private static long Sum(string metrics, string name, string label) => Series().Matches(metrics)
        .Where(series => series.Groups["name"].Value == name && series.Groups["labels"].Value.Contains(label, StringComparison.Ordinal))
        .Sum(series => long.Parse(series.Groups["value"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^(?<name>\w+)\{(?<labels>[^}]*)\} (?<value>\d+)", RegexOptions.Multiline)]
    private static partial Regex Series();
}
