using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests.Pages;

/// <summary>The live page of a real server, with a real agent at work on the model in the box.</summary>
[Collection("Codex")] // one engine at a time
public sealed class RealPageTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Page_ShowsWhatMetricsAndStatusSay_OfAnAgentThatWorked()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "conf"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "conf", "server.cfg"), "host = localhost\nport = 8080\n");
        var settings = new Dictionary<string, string?> { ["Engine:ModelPath"] = InteropPaths.Pocket };
        await using var server = await RunningServer.StartAsync(null, settings);
        Assert.SkipUnless(await HasPageAsync(server), "This server has no page.");
        string[] agent =
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "Samovar.Cli.dll"), "agent", "Set the port in conf/server.cfg to 9000.",
            "--dir", _folder, "--base-url", $"{server.Address}v1",
        ];
        var environment = new Dictionary<string, string>
        {
            ["BASE_URL"] = server.Address.ToString(), ["AGENT"] = JsonSerializer.Serialize(agent),
        };
        await Browser.PassAsync(output, "real", environment, "real.mjs");
    }

    /// <summary>Whether a browser gets a page: a server without one answers the root as it answers any unknown path.</summary>
    private static async Task<bool> HasPageAsync(RunningServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var answer = await server.Http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.NotFound) return false;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Content.Headers.ContentType?.MediaType == "text/html";
    }
}
