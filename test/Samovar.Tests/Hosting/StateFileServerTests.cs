using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Tests.Hosting;

/// <summary>The state of a stored chain outlives the server, however it ended; that of another one is never written.</summary>
public sealed class StateFileServerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-state-server-");

    public StateFileServerTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "kills its own server");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Data => Path.Combine(_folder.FullName, "data");

    private IReadOnlyList<string> Files => Directory.Exists(Path.Combine(Data, "state"))
        ? [.. Directory.EnumerateFiles(Path.Combine(Data, "state"), "*.rows")] : [];

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task FirstTurnOfAStoredChain_FindsItsState_AfterARestart(string signal)
    {
        var question = string.Join(' ', Enumerable.Range(0, 300));
        var (last, unbroken, tokens) = ("", default(JsonElement), 0);
        await using (var first = await StartAsync(signal == "KILL" ? "00:00:00" : "00:10:00"))
        {
            using var http = new HttpClient { BaseAddress = first.Address };
            var one = await CreateAsync(http, Ask(question, null));
            var two = await CreateAsync(http, Ask("and then?", Id(one)));
            (last, tokens) = (Id(two), Usage(two, "total_tokens"));
            unbroken = await CreateAsync(http, Ask("the last", last, store: false));
            if (signal == "KILL") await SavedAsync(http, 3);
            await first.SignalAsync(signal);
            Assert.Equal(signal == "KILL" ? 137 : 0, await first.EndAsync());
        }
        Assert.NotEmpty(Files);
        await using var second = await StartAsync("00:10:00");
        using var again = new HttpClient { BaseAddress = second.Address };
        var continued = await CreateAsync(again, Ask("the last", last, store: false));
        Assert.Equal(Text(unbroken), Text(continued));
        Assert.Equal(Usage(unbroken, "input_tokens"), Usage(continued, "input_tokens"));
        var cached = continued.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
        Assert.InRange(cached, (int)(0.99 * tokens), Usage(continued, "input_tokens"));
        var engine = await EngineAsync(again);
        Assert.Equal(cached, engine.GetProperty("disk_tokens").GetInt32());
        Assert.Equal(0, engine.GetProperty("disk_refused").GetInt32());
    }

    [Fact]
    public async Task ChainThatIsNotToBeStored_IsInNoFile()
    {
        await using (var server = await StartAsync("00:00:00"))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            await CreateAsync(http, Ask(string.Join(' ', Enumerable.Range(0, 200)), null, store: false));
            Assert.Equal(0, await server.TerminateAsync());
        }
        Assert.Empty(Files);
        await using (var server = await StartAsync("00:00:00"))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            await CreateAsync(http, Ask(string.Join(' ', Enumerable.Range(0, 200)), null));
            Assert.Equal(0, await server.TerminateAsync());
        }
        Assert.NotEmpty(Files); // and so it was not for another reason
    }

    private static Task SavedAsync(HttpClient http, int files) => Task.Run(async () =>
    {
        var late = Soon.Token;
        while ((await EngineAsync(http)).GetProperty("disk_writes").GetInt32() < files) late.ThrowIfCancellationRequested();
    });

    private static async Task<JsonElement> EngineAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<JsonElement>("/health", Soon.Token)).GetProperty("engine");

    private Task<ServerProcess> StartAsync(string delay) => ServerProcess.StartAsync(":",
        new Dictionary<string, string>(TinyEngine.Settings(Data), StringComparer.Ordinal)
    {
        ["SAMOVAR_Engine__DiskBytesMax"] = "1000000000",
        ["SAMOVAR_Engine__DiskSaveDelay"] = delay,
    });

    private static Dictionary<string, object?> Ask(string text, string? previous, bool store = true) => new(StringComparer.Ordinal)
    {
        ["model"] = "m", ["input"] = text, ["previous_response_id"] = previous, ["store"] = store, ["instructions"] = "Be short.",
        ["max_output_tokens"] = 24, ["temperature"] = 0,
    };

    private static async Task<JsonElement> CreateAsync(HttpClient http, object body)
    {
        using var answer = await http.PostAsJsonAsync("/v1/responses", body, Soon.Token);
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Id(JsonElement response) => response.GetProperty("id").GetString()!;

    private static string Text(JsonElement response) => response.GetProperty("output")[0].GetProperty("content").GetRawText();

    private static int Usage(JsonElement response, string name) => response.GetProperty("usage").GetProperty(name).GetInt32();
}
