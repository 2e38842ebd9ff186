using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>What SDKs find of conversations and stored chat completions, before and after the server was started again.</summary>
public sealed class StoredStateTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-stored-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("conversations", "ok conversation ")]
    [InlineData("completions", "ok completions ")]
    public async Task StoredState_LivesOn_AsTheSdkHasIt(string client, string begun)
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        var said = await RunAsync(clients, client, "begin");
        var known = said.Split('\n').Single(line => line.StartsWith(begun, StringComparison.Ordinal))[begun.Length..].Trim();
        Assert.Contains("ok gone on", await RunAsync(clients, client, "goOn", known), StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(string clients, string client, params string[] arguments)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), new Dictionary<string, string?>
        {
            ["Store:Kind"] = "sqlite", ["Server:DataPath"] = _folder,
        });
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1" };
        var result = await Commands.TryRunAsync("node", [$"{client}.mjs", .. arguments], RunMax, environment, clients);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output;
    }
}
