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
        var cached = Cached(continued);
        Assert.InRange(cached, (int)(0.99 * tokens), Usage(continued, "input_tokens"));
        var engine = await EngineAsync(again);
        Assert.Equal(cached, engine.GetProperty("disk_tokens").GetInt32());
        Assert.Equal(0, engine.GetProperty("disk_refused").GetInt32());
    }

    [Fact]
    public async Task DeletedResponses_LeaveNoFile_AndOthersStay()
    {
        await using var server = await StartAsync("00:00:00", bytesMax: "-1");
        using var http = new HttpClient { BaseAddress = server.Address };
        var kept = await CreateAsync(http, Ask(string.Join(' ', Enumerable.Range(0, 200)), null));
        var one = await CreateAsync(http, Ask(string.Join(' ', Enumerable.Range(200, 200)), null));
        var two = await CreateAsync(http, Ask("and then?", Id(one)));
        await SavedAsync(http, 3);
        var files = Files.Count;
        await DeleteAsync(http, Id(one)); // is continued
        await DeleteAsync(http, Id(two));
        await Soon.UntilAsync(() => Files.Count < files);
        var tokens = Usage(kept, "total_tokens");
        await server.SignalAsync("KILL");
        await server.EndAsync();

        await using var second = await StartAsync("00:00:00", bytesMax: "-1");
        using var again = new HttpClient { BaseAddress = second.Address };
        var next = await CreateAsync(again, Ask("go on", Id(kept)));
        Assert.InRange(Cached(next), (int)(0.99 * tokens) - 1, tokens);
        await DeleteAsync(again, Id(kept));
        await DeleteAsync(again, Id(next));
        await Soon.UntilAsync(() => Files.Count == 0);
        Assert.Equal(0, await second.TerminateAsync());
        Assert.Empty(Files);
    }

    [Fact]
    public async Task ResponseThatItsStoreNoLongerHas_LosesItsFiles()
    {
        var memory = new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMOVAR_Store__Kind"] = "memory" };
        await using (var first = await StartAsync("00:00:00", settings: memory))
        {
            using var http = new HttpClient { BaseAddress = first.Address };
            await CreateAsync(http, Ask(string.Join(' ', Enumerable.Range(0, 200)), null));
            Assert.Equal(0, await first.TerminateAsync());
        }
        Assert.NotEmpty(Files);
        memory["SAMOVAR_Turns__DurationMax"] = "00:00:01";
        memory["SAMOVAR_Turns__KeepMax"] = "00:00:00.1";
        memory["SAMOVAR_StoredChains__CleanupInterval"] = "00:00:01";
        await using var second = await StartAsync("00:00:00", settings: memory);
        await Soon.UntilAsync(() => Files.Count == 0);
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

    private Task<ServerProcess> StartAsync(
        string delay, string bytesMax = "1000000000", IReadOnlyDictionary<string, string>? settings = null)
    {
        var all = new Dictionary<string, string>(TinyEngine.Settings(Data), StringComparer.Ordinal)
        {
            ["SAMOVAR_Engine__DiskBytesMax"] = bytesMax,
            ["SAMOVAR_Engine__DiskSaveDelay"] = delay,
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) all[name] = value;
        return ServerProcess.StartAsync(":", all);
    }

    private static async Task DeleteAsync(HttpClient http, string id)
    {
        using var answer = await http.DeleteAsync($"/v1/responses/{id}", Soon.Token);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static int Cached(JsonElement response) =>
        response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();

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
