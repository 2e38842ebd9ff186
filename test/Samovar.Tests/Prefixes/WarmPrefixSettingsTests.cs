using System.Text.Json;
using Samovar.Testing;

namespace Samovar.Tests.Prefixes;

/// <summary>Prefixes that the settings name.</summary>
public sealed class WarmPrefixSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-warm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ConfiguredPrefix_IsWarmWithoutARequest_AndComesFromTheDiskAfterARestart()
    {
        var file = await WriteAsync(JsonSerializer.Serialize(PrefixLab.Start(store: true)));
        (string, string)[] settings =
        [
            ("Prefixes:Warm:crew:File", file), ("Prefixes:Warm:crew:Tenant", "alice"), ("Engine:DiskBytesMax", "100000000"),
            ("Compaction:KeyFile", Path.Combine(_folder.FullName, "seal.key")),
            ("Engine:DiskPath", Path.Combine(_folder.FullName, "state")),
        ];
        await using (var first = await PrefixLab.StartAsync(settings))
        {
            var (computed, cached) = await WarmAsync(first);
            Assert.True(computed > 0);
            Assert.Equal(0, cached);
            Assert.Empty(await first.ListAsync("sk-b"));
        }
        await using var second = await PrefixLab.StartAsync(settings);
        var (again, found) = await WarmAsync(second);
        Assert.True(found > 0);
        Assert.Equal(0, again);
        Assert.True((await second.AskAsync(PrefixLab.Question("who?"))).Cached >= found);
        var dropped = await second.SendAsync(HttpMethod.Delete,
            $"{PrefixLab.Path}/{Assert.Single(await second.ListAsync(), IsConfigured).GetProperty("id").GetString()}", null, "sk-a");
        Assert.True(dropped.Json.GetProperty("deleted").GetBoolean());
    }

    [Theory]
    [InlineData("Body", "{\"input\":\"x\",\"temperature\":9}", "temperature")]
    [InlineData("Body", "not json", "JSON")]
    [InlineData("Body", "{\"input\":", "JSON")]
    [InlineData("Body", "[1]", "object")]
    [InlineData("File", "/nowhere/at-all.json", "/nowhere/at-all.json")]
    [InlineData("Protocol", "responses", "either a File or a Body")]
    [InlineData("Keep", "00:00:00", "Keep")]
    public async Task BrokenPrefix_IsAClearConfigurationError(string setting, string value, string named)
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(
            () => PrefixLab.StartAsync(($"Prefixes:Warm:crew:{setting}", value), ("Prefixes:Warm:crew:Tenant", "alice")));
        Assert.Contains("Prefixes:Warm:crew", fault.Message, StringComparison.Ordinal);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_MustBeSaid_WhereThereAreKeys()
    {
        var body = JsonSerializer.Serialize(PrefixLab.Start());
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => PrefixLab.StartAsync(("Prefixes:Warm:crew:Body", body)));
        Assert.Contains("Prefixes:Warm:crew:Tenant", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TimeThatNobodySays_MustBeOneThatMayBeAskedFor()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => PrefixLab.StartAsync(("Prefixes:KeepMax", "00:30:00")));
        Assert.Contains("Prefixes:KeepMax is 00:30:00, which is shorter than Prefixes:Keep, 01:00:00", fault.Message,
            StringComparison.Ordinal);
        await using var lab = await PrefixLab.StartAsync(("Prefixes:KeepMax", "00:30:00"), ("Prefixes:Keep", "00:30:00"));
        await lab.WarmAsync(new { request = PrefixLab.Start() });
    }

    private static async Task<(int Computed, int Cached)> WarmAsync(PrefixLab lab)
    {
        for (var late = Soon.Token; ; late.ThrowIfCancellationRequested())
            if ((await lab.ListAsync()).FirstOrDefault(IsConfigured) is { ValueKind: JsonValueKind.Object } one
                && one.GetProperty("status").GetString() == "warm") break;
        var engine = (await lab.SendAsync(HttpMethod.Get, "/health", null, "sk-op")).Json.GetProperty("engine");
        var tokens = Assert.Single(await lab.ListAsync(), IsConfigured).GetProperty("tokens").GetInt32();
        var computed = engine.GetProperty("prefilled_tokens").GetInt32();
        return (computed, tokens - computed);
    }

    private static bool IsConfigured(JsonElement prefix) =>
        prefix.GetProperty("origin").GetString() == "configured" && prefix.GetProperty("name").GetString() == "crew";

    private async Task<string> WriteAsync(string text)
    {
        var file = Path.Combine(_folder.FullName, "crew.json");
        await File.WriteAllTextAsync(file, text, Soon.Token);
        return file;
    }
}
