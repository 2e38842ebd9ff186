using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Prefixes;

/// <summary>A server on a tiny model, for three tenants, and the shortest way to warm a prefix and to begin with it.</summary>
internal sealed class PrefixLab(RunningServer server, DirectoryInfo folder) : IAsyncDisposable
{
    public const string Path = "/v1/samovar/prefixes";
    private const string Tenants = """{"tenants":{"alice":["sk-a"],"bob":["sk-b"],"ops":["sk-op"]},"operators":["ops"],"quotas":""";

    /// <summary>Instructions of about so many tokens as a prefix needs.</summary>
    public static readonly string Instructions = string.Join(' ', Enumerable.Repeat("You are a helper who says little.", 8));

    public static string Model => RandomModel.Ensure(
        System.IO.Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);

    public RunningServer Server => server;

    public string Folder => folder.FullName;

    /// <param name="settings">Beside those of a tiny model.</param>
    public static Task<PrefixLab> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, settings);

    public static async Task<PrefixLab> StartAsync(
        Action<IServiceCollection>? configure, (string Key, string Value)[] settings, bool hasModel = true, string quotas = "{}")
    {
        var folder = Directory.CreateTempSubdirectory("samovar-prefixes-");
        var keys = System.IO.Path.Combine(folder.FullName, "keys.json");
        await File.WriteAllTextAsync(keys, Tenants + quotas + "}", Soon.Token);
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Engine:Streams"] = "2", ["Engine:ContextTokens"] = "2048", ["Engine:Threads"] = "1", ["Engine:KvType"] = "f32",
            ["Server:DataPath"] = folder.FullName, ["Auth:KeyFile"] = keys, ["Engine:BatchTokens"] = "48", ["Engine:DraftTokensMax"] = "0",
        };
        if (hasModel) all["Engine:ModelPath"] = Model;
        foreach (var (key, value) in settings) all[key] = value;
        try
        {
            return new PrefixLab(await RunningServer.StartAsync(null, all, configure), folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>What conversations begin with, as a request of Responses says it.</summary>
    public static object Start(string? instructions = null, string? model = null, bool store = false) => new
    {
        model = model ?? "m", instructions = instructions ?? Instructions, store,
        input = new[] { new { role = "developer", content = "Work in /tmp alone, and touch nothing else there is." } },
    };

    /// <summary>A request that begins so.</summary>
    public static object Question(string text, string? instructions = null, string? model = null, bool store = false) => new
    {
        model = model ?? "m", instructions = instructions ?? Instructions, store, temperature = 0, max_output_tokens = 16,
        input = new[]
        {
            new { role = "developer", content = "Work in /tmp alone, and touch nothing else there is." },
            new { role = "user", content = text },
        },
    };

    public async Task<JsonElement> WarmAsync(object order, string key = "sk-a")
    {
        var (status, json) = await SendAsync(HttpMethod.Post, Path, order, key);
        Assert.True(status == HttpStatusCode.OK, json.GetRawText());
        return json;
    }

    /// <summary>Asks for a warm-up, for the whole answer.</summary>
    public Task<HttpResponseMessage> PostAsync(object order, string key = "sk-a") => OpenAsync(HttpMethod.Post, Path, order, key);

    public Task<HttpResponseMessage> GetAsync(string path, string key = "sk-a") => OpenAsync(HttpMethod.Get, path, null, key);

    /// <summary>What a warm-up is refused with.</summary>
    public async Task<(HttpStatusCode Status, string Code, string? Param)> RefusedAsync(object order, string key = "sk-a")
    {
        var (status, json) = await SendAsync(HttpMethod.Post, Path, order, key);
        var error = json.GetProperty("error");
        return (status, error.GetProperty("code").GetString()!, error.GetProperty("param").GetString());
    }

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string key = "sk-a")
    {
        var (status, json) = await SendAsync(HttpMethod.Get, Path, null, key);
        Assert.Equal((HttpStatusCode.OK, "list"), (status, json.GetProperty("object").GetString()));
        return [.. json.GetProperty("data").EnumerateArray()];
    }

    public async Task<JsonElement> OneAsync(string id, string key = "sk-a") =>
        (await SendAsync(HttpMethod.Get, $"{Path}/{id}", null, key)).Json;

    public async Task<(string Text, int Input, int Cached, JsonElement Response)> AskAsync(object request, string key = "sk-a")
    {
        var (status, json) = await SendAsync(HttpMethod.Post, "/v1/responses", request, key);
        Assert.True(status == HttpStatusCode.OK, json.GetRawText());
        var usage = json.GetProperty("usage");
        return (json.GetProperty("output").GetRawText() is var output && output.Length > 0 ? TextOf(json) : "",
            usage.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32(), json);
    }

    public async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(HttpMethod method, string path, object? body, string key)
    {
        using var answer = await OpenAsync(method, path, body, key);
        using var read = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Soon.Token));
        return (answer.StatusCode, read.RootElement.Clone());
    }

    /// <summary>What Prometheus reads.</summary>
    public async Task<string> MetricsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-op");
        using var answer = await server.Http.SendAsync(request, Soon.Token);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Soon.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, object? body, string key)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await server.Http.SendAsync(request, Soon.Token);
    }

    private static string TextOf(JsonElement response) => string.Concat(response.GetProperty("output").EnumerateArray()
        .Where(item => item.GetProperty("type").GetString() == "message")
        .SelectMany(item => item.GetProperty("content").EnumerateArray()).Select(part => part.GetProperty("text").GetString()));
}
