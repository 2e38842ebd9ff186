using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Hosting;

/// <summary>What was stored outlives the process: killed without a word, and started again on the same data folder.</summary>
public sealed class StoreRestartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-restart-");

    public StoreRestartTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "kills its own server");

    [Fact]
    public async Task ServerThatWasKilled_HasEveryResponseThatAClientSawCompleted()
    {
        var (chain, unbroken, body, items) = (new List<JsonElement>(), default(JsonElement), "", "");
        await using (var first = await StartAsync())
        {
            using var http = new HttpClient { BaseAddress = first.Address };
            for (var turn = 0; turn < 3; turn++) chain.Add(await CreateAsync(http, Ask($"question {turn}", Id(chain.LastOrDefault()))));
            unbroken = await CreateAsync(http, Ask("the last", Id(chain[^1])));
            body = await http.GetStringAsync($"/v1/responses/{Id(chain[^1])}", Soon.Token);
            items = await http.GetStringAsync($"/v1/responses/{Id(chain[^1])}/input_items", Soon.Token);
            await KillAsync(first);
        }
        await using var second = await StartAsync();
        using var again = new HttpClient { BaseAddress = second.Address };
        var http2 = await CreateAsync(again, Ask("the last", Id(chain[^1])));
        await using var socket = await ConnectAsync(second);
        var frame = JsonSerializer.SerializeToNode(Ask("the last", Id(chain[^1])))!;
        frame["type"] = "response.create";
        var ws = (await socket.AskAsync(frame.ToJsonString()))[^1].GetProperty("response");
        foreach (var continued in new[] { http2, ws })
        {
            Assert.Equal(Text(unbroken), Text(continued)); // the same tokens, from the same context
            Assert.Equal(Tokens(unbroken, "input_tokens"), Tokens(continued, "input_tokens"));
        }
        Assert.Equal(body, await again.GetStringAsync($"/v1/responses/{Id(chain[^1])}", Soon.Token));
        Assert.Equal(items, await again.GetStringAsync($"/v1/responses/{Id(chain[^1])}/input_items", Soon.Token));
        await RefersToAsync(again, chain[0]);
        using var deleted = await again.DeleteAsync($"/v1/responses/{Id(chain[1])}", Soon.Token);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await KillAsync(second);

        await using var third = await StartAsync();
        using var last = new HttpClient { BaseAddress = third.Address };
        using var gone = await last.GetAsync($"/v1/responses/{Id(chain[1])}", Soon.Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(Text(unbroken), Text(await CreateAsync(last, Ask("the last", Id(chain[^1])))));
        Assert.Equal(0, await third.TerminateAsync());
    }

    [Fact]
    public async Task SecondServerOfADataFolder_IsRefused_AndTheFirstGoesOn()
    {
        await using var first = await StartAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(StartAsync);
        Assert.Equal("The server ended with 1.", refused.Message); // and not by a crash
        using var http = new HttpClient { BaseAddress = first.Address };
        await CreateAsync(http, Ask("still there?", null));
    }

    /// <summary>In the file, its log, its journal and whatever else is written.</summary>
    [Fact]
    public async Task ConversationThatIsNotToBeStored_LeavesNoByteInTheDataFolder()
    {
        const string Canary = "canary-4711-kept-nowhere";
        var hidden = new List<string> { Canary }; // and the names of what said it: rows are packed, their names are not
        await using (var server = await StartAsync())
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var stored = await CreateAsync(http, Ask("this one is stored", null));
            Assert.NotEmpty(Holding([Id(stored)!]));
            hidden.Add(Id(await CreateAsync(http, Ask(Canary, null, store: false)))!);
            hidden.Add(Id(await CreateAsync(http, Ask(Canary, Id(stored), store: false)))!);
            hidden.Add(Id(await CreateAsync(http, Ask(Canary, null, store: false, instructions: Canary + new string('x', 2000))))!);
            using var refused = await http.PostAsJsonAsync("/v1/responses", Ask(Canary, "resp_unknown", store: false), Soon.Token);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            hidden.Add(await CancelledAsync(server, Canary));
            hidden.AddRange(await ChainOnSocketAsync(server, Canary));
            await CreateAsync(http, Ask("another one that is stored", null));
            Assert.Equal([], Holding(hidden));
            await KillAsync(server);
        }
        Assert.Equal([], Holding(hidden));
        await using (var server = await StartAsync()) Assert.Equal(0, await server.TerminateAsync());
        Assert.Equal([], Holding(hidden));
        Assert.NotEmpty(Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Data => Path.Combine(_folder.FullName, "data");

    /// <summary>Files of the data folder that hold one of the texts.</summary>
    private List<string> Holding(IReadOnlyList<string> texts)
    {
        var copy = Path.Combine(_folder.FullName, "copy"); // one of the files is locked
        using (var copying = Process.Start("cp", ["-r", Data, copy])) copying.WaitForExit();
        var wanted = texts.SelectMany(text => new[] { Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text) }).ToList();
        var found = Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories)
            .Where(file => File.ReadAllBytes(file) is var bytes && wanted.Any(text => bytes.AsSpan().IndexOf(text) >= 0)).ToList();
        Directory.Delete(copy, recursive: true);
        return found;
    }

    private static async Task<string> CancelledAsync(ServerProcess server, string canary)
    {
        await using var socket = await ConnectAsync(server);
        var frame = JsonSerializer.SerializeToNode(Ask(canary, null, store: false, tokens: 2000))!;
        frame["type"] = "response.create";
        await socket.SendAsync(frame.ToJsonString());
        var id = Id((await socket.ReceiveAsync()).GetProperty("response"))!;
        socket.Drop();
        return id;
    }

    private static async Task<List<string>> ChainOnSocketAsync(ServerProcess server, string canary)
    {
        await using var socket = await ConnectAsync(server);
        var ids = new List<string>();
        for (var turn = 0; turn < 3; turn++)
        {
            var frame = JsonSerializer.SerializeToNode(Ask(canary, ids.LastOrDefault(), store: false))!;
            frame["type"] = "response.create";
            ids.Add(Id((await socket.AskAsync(frame.ToJsonString()))[^1].GetProperty("response"))!);
        }
        return ids;
    }

    private static async Task RefersToAsync(HttpClient http, JsonElement first)
    {
        var item = first.GetProperty("output")[0];
        var request = Ask("x", null);
        request["input"] = new object[]
        {
            new { type = "item_reference", id = item.GetProperty("id").GetString() }, new { role = "user", content = "what was that?" },
        };
        var referred = await CreateAsync(http, request);
        var seen = await http.GetFromJsonAsync<JsonElement>($"/v1/responses/{Id(referred)}/input_items?order=asc", Soon.Token);
        Assert.Equal(item.GetRawText(), seen.GetProperty("data")[0].GetRawText());
    }

    private static Task<ClientSocket> ConnectAsync(ServerProcess server) =>
        ClientSocket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/v1/responses" }.Uri);

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(":", TinyEngine.Settings(Data));

    private static async Task KillAsync(ServerProcess server)
    {
        await server.SignalAsync("KILL");
        Assert.Equal(137, await server.EndAsync());
    }

    private static Dictionary<string, object?> Ask(
        string text, string? previous, bool store = true, string instructions = "Be short.", int tokens = 24) => new(StringComparer.Ordinal)
        {
            ["model"] = "m", ["input"] = text, ["previous_response_id"] = previous, ["store"] = store, ["instructions"] = instructions,
            ["max_output_tokens"] = tokens, ["temperature"] = 0,
        };

    private static async Task<JsonElement> CreateAsync(HttpClient http, object body)
    {
        using var answer = await http.PostAsJsonAsync("/v1/responses", body, Soon.Token);
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string? Id(JsonElement response) =>
        response.ValueKind == JsonValueKind.Undefined ? null : response.GetProperty("id").GetString();

    private static string Text(JsonElement response) => string.Concat(response.GetProperty("output").EnumerateArray()
        .SelectMany(item => item.TryGetProperty("content", out var parts) ? parts.EnumerateArray() : []).Select(part => part.GetRawText()));

    private static int Tokens(JsonElement response, string name) => response.GetProperty("usage").GetProperty(name).GetInt32();
}
