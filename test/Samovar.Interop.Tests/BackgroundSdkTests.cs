using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI.Responses;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>Published SDKs leave turns to a server that stores responses in a file: openai's for Node, OpenAI's for .NET.</summary>
public sealed class BackgroundSdkTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-background-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task NodeSdk_CreatesPollsResumesAndCancels()
    {
        var clients = await ClientInstall.SdksAsync();
        Assert.SkipWhen(clients is null, "npm is missing.");
        await using var server = await StartAsync();
        var environment = new Dictionary<string, string> { ["BASE_URL"] = $"{server.Address}v1" };
        var result = await Commands.TryRunAsync("node", ["background.mjs"], RunMax, environment, clients);
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("ok background", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DotNetSdk_CreatesPollsResumesAndCancels()
    {
        await using var server = await StartAsync();
        var client = new ResponsesClient(new ApiKeyCredential("none"),
            new ResponsesClientOptions { Endpoint = new Uri(server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        ResponseResult made = await client.CreateResponseAsync(Ask("[[final=tea is ready]]"));
        Assert.Equal(ResponseStatus.Queued, made.Status);
        Assert.True(made.BackgroundModeEnabled);
        Assert.Equal("tea is ready", (await EndedAsync(client, made.Id)).GetOutputText());

        var ask = Ask("[[final=one two three four]]");
        ask.StreamingEnabled = true;
        var seen = new List<StreamingResponseUpdate>();
        await foreach (var update in client.CreateResponseStreamingAsync(ask))
        {
            seen.Add(update);
            if (seen.Count == 6) break; // ends the connection
        }
        var id = Assert.IsType<StreamingResponseCreatedUpdate>(seen[0]).Response.Id;
        Assert.IsType<StreamingResponseQueuedUpdate>(seen[1]);
        var again = new GetResponseOptions(id) { StreamingEnabled = true, StartingAfter = seen[^1].SequenceNumber };
        await foreach (var update in client.GetResponseStreamingAsync(again)) seen.Add(update);
        Assert.Equal(Enumerable.Range(0, seen.Count), seen.Select(update => update.SequenceNumber));
        Assert.Equal("one two three four",
            string.Concat(seen.OfType<StreamingResponseOutputTextDeltaUpdate>().Select(delta => delta.Delta)));
        Assert.IsType<StreamingResponseCompletedUpdate>(seen[^1]);

        ResponseResult held = await client.CreateResponseAsync(Ask("[[final=held]]"));
        for (var i = 0; i < 2; i++)
            Assert.Equal(ResponseStatus.Cancelled, ((ResponseResult)await client.CancelResponseAsync(held.Id)).Status);
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.CancelResponseAsync(id));
        Assert.Equal(400, refused.Status);
    }

    private static CreateResponseOptions Ask(string text) => new()
    {
        Model = "m", BackgroundModeEnabled = true, InputItems = { ResponseItem.CreateUserMessageItem(text) },
    };

    private static async Task<ResponseResult> EndedAsync(ResponsesClient client, string id)
    {
        while (true)
        {
            ResponseResult response = await client.GetResponseAsync(id);
            if (response.Status != ResponseStatus.Queued && response.Status != ResponseStatus.InProgress) return response;
        }
    }

    private Task<RunningServer> StartAsync()
    {
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (turn, phase, cancelled) => phase == ScriptPhase.Finishing
                && turn.Context.AllItems().Any(static item => item.Json.ToString().Contains("held", StringComparison.Ordinal))
                    ? new(Task.Delay(Timeout.InfiniteTimeSpan, cancelled)) : default,
        };
        return RunningServer.StartAsync(backend, new Dictionary<string, string?>
        {
            ["Store:Kind"] = "sqlite", ["Server:DataPath"] = _folder,
        });
    }
}
