using Samovar.Protocol.Ids;
using Samovar.Testing.Models;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Published SDKs that send their whole history each time, on the embedded engine: openai's and Anthropic's.</summary>
public sealed class StatelessSdkTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 3;
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-sdk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("chat", "v1")]
    [InlineData("messages", "")]
    [InlineData("threads", "")]
    public async Task ToolLoop_RunsToItsEnd_WholeAndStreamed(string client, string path)
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        var model = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "exec", "cmd", "next", $"step-{Steps}", "LOOP AT ITS END");
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2",
        });
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}{path}" };
        var result = await Commands.TryRunAsync("node", [$"{client}.mjs"], RunMax, environment, clients);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains($"ok {client} {Steps + 1} LOOP AT ITS END", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InputItems_AreReadByTheSdk_HoweverShortTheyWereWritten()
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1" };
        var result = await Commands.TryRunAsync("node", ["items.mjs"], RunMax, environment, clients);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("ok items 6", result.Output, StringComparison.Ordinal);
    }
}
