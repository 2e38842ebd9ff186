using System.Net.Http.Json;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Page;

/// <summary>Servers with a page, with keys and without, and requests to them.</summary>
internal sealed class PageLab : IDisposable
{
    public const string Keys = """{"tenants":{"alice":["sk-a"],"bob":["sk-b"],"ops":["sk-op"]},"operators":["ops"]}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-page");

    public string KeyFile => Path.Combine(_folder.FullName, "keys.json");

    public Dictionary<string, string?> Settings(FakeUpstream upstream, bool withKeys, params (string Key, string Value)[] more)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Page:Interval"] = "00:00:00.05",
            ["Auth:KeyFileAgeMax"] = "00:00:00",
            ["Upstream:Pools:0:Name"] = "pool-one",
            ["Upstream:Pools:0:Destinations:0:Name"] = "account-one",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "chat",
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = upstream.BaseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "m=fake-model",
        };
        foreach (var (key, value) in more) settings[key] = value;
        if (!withKeys) return settings;
        File.WriteAllText(KeyFile, Keys);
        settings["Auth:KeyFile"] = KeyFile;
        return settings;
    }

    /// <summary>A turn over HTTP, stored.</summary>
    /// <returns>The response's id.</returns>
    public static async Task<string> AskAsync(
        RunningServer server, CancellationToken cancelled, string? key = null, string? previous = null, string? thread = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        if (thread is not null) request.Headers.Add("x-samovar-thread", thread);
        request.Headers.UserAgent.ParseAdd("agent-of-a-test/1.0");
        request.Content = JsonContent.Create(new { model = "m", input = "one", store = true, previous_response_id = previous });
        using var answer = await server.Http.SendAsync(request, cancelled);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(cancelled)).GetProperty("id").GetString()!;
    }

    /// <summary>Logs in.</summary>
    /// <returns>The cookie as the browser sends it.</returns>
    public static async Task<string> LoginAsync(RunningServer server, string key, CancellationToken cancelled)
    {
        using var answer = await server.Http.PostAsJsonAsync("/page/login", new { key }, cancelled);
        answer.EnsureSuccessStatusCode();
        return Assert.Single(answer.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
