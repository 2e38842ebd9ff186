using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Monitoring;

/// <summary>Settings of a gateway with one chat upstream, two tenants and an operator.</summary>
internal static class OneChatPool
{
    private const string Tenants = """{"tenants":{"alice":["sk-a"],"bob":["sk-b"],"ops":["sk-op"]},"operators":["ops"]}""";

    /// <param name="folder">Where the file of keys is written.</param>
    public static async Task<Dictionary<string, string?>> SettingsAsync(
        DirectoryInfo folder, FakeUpstream upstream, CancellationToken cancelled)
    {
        var keys = Path.Combine(folder.FullName, "keys.json");
        await File.WriteAllTextAsync(keys, Tenants, cancelled);
        return Settings(keys, upstream);
    }

    /// <param name="keys">A file of clients' keys.</param>
    public static Dictionary<string, string?> Settings(string keys, FakeUpstream upstream) => new()
    {
        ["Auth:KeyFile"] = keys,
        ["Upstream:RetryDelay"] = "00:00:00",
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = "a",
        ["Upstream:Pools:0:Destinations:0:Kind"] = "chat",
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = upstream.BaseUrl,
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "m=fake-model",
    };
}
