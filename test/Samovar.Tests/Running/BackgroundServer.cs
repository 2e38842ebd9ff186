using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Running;

/// <summary>A server whose store outlives it, and what a client of background responses does there.</summary>
internal sealed class BackgroundServer : IAsyncDisposable
{
    private readonly TestMeters _meters = new();
    private readonly MemoryChainStore _memory;
    private PhaseGate? _gate;

    public BackgroundServer()
    {
        Rows = new MemoryRunningRows(Time);
        _memory = new MemoryChainStore(new ChainOptions(), Time, new ChainMetrics(_meters), NullLogger<MemoryChainStore>.Instance);
        Store = new LastingStore(_memory);
        Backend = new ScriptedBackend(new IdSource());
    }

    public ManualTime Time { get; } = new();
    public MemoryRunningRows Rows { get; init; }
    public LastingStore Store { get; }
    public ScriptedBackend Backend { get; }
    public RunningServer Server { get; private set; } = null!;

    public async Task<BackgroundServer> StartAsync(params (string Name, string Value)[] settings)
    {
        Server = await RunningServer.StartAsync(
            Backend, settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value), services => services
                .AddSingleton<TimeProvider>(Time).AddSingleton<IChainStore>(Store).AddSingleton<IRunningRows>(Rows)
                .AddSingleton<IConversationRows>(_memory.Conversations).AddSingleton<ICompletionRows>(_memory));
        return this;
    }

    /// <summary>Turns wait at a phase until the gate opens.</summary>
    public PhaseGate HoldAt(ScriptPhase at)
    {
        var gate = _gate = new PhaseGate();
        Backend.OnPhase = (_, phase, cancelled) => phase == at ? gate.PassAsync(cancelled) : ValueTask.CompletedTask;
        return gate;
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> CreateAsync(string input = "[[final=fine]]", bool streams = false) =>
        PostAsync("/v1/responses",
            $$"""{"model":"m","input":"{{input}}","background":true,"stream":{{(streams ? "true" : "false")}}}""");

    /// <summary>Begins a background response and gives its id.</summary>
    public async Task<string> BeginAsync(string input = "[[final=fine]]") =>
        (await CreateAsync(input)).Body.GetProperty("id").GetString()!;

    /// <summary>Begins a streamed one, reads its first event and leaves.</summary>
    public async Task<string> BeginStreamAsync(string input = "[[final=fine]]")
    {
        using var body = Json($$"""{"model":"m","input":"{{input}}","background":true,"stream":true}""");
        using var ask = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = body };
        using var reply = await Server.Http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead, Soon.Token);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync(Soon.Token) is { } line)
            if (line.StartsWith("data: {", StringComparison.Ordinal))
                return JsonDocument.Parse(line[6..]).RootElement.GetProperty("response").GetProperty("id").GetString()!;
        throw new InvalidOperationException("The stream said nothing.");
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body = "")
    {
        using var content = Json(body);
        using var reply = await Server.Http.PostAsync(path, content, Soon.Token);
        return await ReadAsync(reply);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string id, string query = "")
    {
        using var reply = await Server.Http.GetAsync($"/v1/responses/{id}{query}", Soon.Token);
        return await ReadAsync(reply);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> DeleteAsync(string id)
    {
        using var reply = await Server.Http.DeleteAsync($"/v1/responses/{id}", Soon.Token);
        return await ReadAsync(reply);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> CancelAsync(string id) => PostAsync($"/v1/responses/{id}/cancel");

    /// <summary>All that a stream of a response says, from behind a number.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReplayAsync(string id, int? after = null)
    {
        var query = after is { } number ? $"&starting_after={number}" : "";
        using var reply = await Server.Http.GetAsync($"/v1/responses/{id}?stream=true{query}", Soon.Token);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.MediaType);
        var text = await reply.Content.ReadAsStringAsync(Soon.Token);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[6..]).RootElement)];
    }

    /// <summary>Polls until the response is no longer being made.</summary>
    public async Task<JsonElement> EndedAsync(string id)
    {
        var late = Soon.Token;
        while (true)
        {
            late.ThrowIfCancellationRequested();
            var (_, response) = await GetAsync(id);
            if (StatusOf(response) is not ("queued" or "in_progress")) return response;
            await Task.Yield();
        }
    }

    public static string StatusOf(JsonElement response) => response.GetProperty("status").GetString()!;
    public static string MessageOf(JsonElement body) => body.GetProperty("error").GetProperty("message").GetString()!;
    public static string CodeOf(JsonElement body) => body.GetProperty("error").GetProperty("code").GetString()!;
    public static int NumberOf(JsonElement e) => e.GetProperty("sequence_number").GetInt32();
    public static string TypeOf(JsonElement e) => e.GetProperty("type").GetString()!;

    public async ValueTask DisposeAsync()
    {
        _gate?.Open();
        if (Server is not null)
        {
            var ending = Server.DisposeAsync().AsTask();
            while (!ending.IsCompleted) // a server waits for what runs, by a clock that stands
            {
                Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }
            await ending;
        }
        _meters.Dispose();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage reply) =>
        (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
}
