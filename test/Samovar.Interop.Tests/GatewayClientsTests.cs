using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Published clients at one end, a server that is not ours at the other, Samovar between them.</summary>
[Collection("run-all.sh")] // it copies its files at its start, which the other may just read
public class GatewayClientsTests(ITestOutputHelper output)
{
    private const int Runners = 13;
    private static readonly TimeSpan AllMax = TimeSpan.FromMinutes(25);

    /// <summary>Lost sockets, forgotten responses, the age limit, an overload, a failed handshake: no client may notice any.</summary>
    private const string Faults = """[{"on":"ws","n":[3,14],"do":"destroy"},{"on":"ws","n":[6,20],"do":"forget"},"""
        + """ {"on":"ws","n":9,"do":"frame","close":1000,"frame":{"type":"error","status":400,"""
        + """ "error":{"code":"websocket_connection_limit_reached","message":"x"}}},"""
        + """ {"on":"ws","n":12,"do":"frame","frame":{"type":"error","status":503,"""
        + """ "error":{"code":"server_is_overloaded","message":"x"}}},"""
        + """ {"on":"upgrade","n":4,"do":"destroy"}]""";

    [Theory]
    [InlineData("responses-ws", Faults)]
    [InlineData("responses-http", "[]")]
    public async Task EveryRunner_Passes_ThroughTheGateway(string kind, string faults)
    {
        Assert.SkipWhen(InteropPaths.Clients is null, "The clients' runners are not beside this clone (SAMOVAR_SHARED, or ../shared).");
        var folder = await ClientInstall.StubAsync();
        Assert.SkipWhen(folder is null, "npm is missing.");
        await using var stub = await ResponsesStub.StartAsync(folder, ("FAULTS", faults));
        var settings = new Dictionary<string, string?>
        {
            ["Upstream:Pools:0:Name"] = "stub",
            ["Upstream:Pools:0:Destinations:0:Name"] = "stub",
            ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = stub.BaseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "*",
        };
        await using var server = await RunningServer.StartAsync(null, settings);
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1", ["CLIENTS"] = ClientInstall.Folder };
        var result = await Commands.TryRunAsync("bash", [Path.Combine(InteropPaths.Clients, "run-all.sh")], AllMax, environment);
        output.WriteLine($"{kind}:\n{result.Output}");
        Assert.True(result.ExitCode == 0, $"{kind}: exit {result.ExitCode}\n{result.Output}");
        Assert.Equal(Runners, result.Output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }
}
