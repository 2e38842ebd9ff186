using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>What is answered about stored state is what the openai SDK's published types promise its users, field by field.</summary>
public sealed class TypedAnswersTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-types-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Answers_HaveWhatTheSdksTypesRequire()
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (turn, phase, cancelled) => phase == ScriptPhase.Finishing
                && turn.Context.AllItems().Any(static item => item.Json.ToString().Contains("held", StringComparison.Ordinal))
                    ? new(Task.Delay(Timeout.InfiniteTimeSpan, cancelled)) : default,
        };
        await using var server = await RunningServer.StartAsync(backend, new Dictionary<string, string?>
        {
            ["Store:Kind"] = "sqlite", ["Server:DataPath"] = _folder,
        });
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1" };
        var result = await Commands.TryRunAsync("node", ["types.mjs"], RunMax, environment, clients);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Matches("ok types [0-9]{2}", result.Output);
    }
}
