using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Hosting;

/// <summary>Clients do not learn which upstreams serve them: no name, no address.</summary>
public sealed class OperatorsAffairsTests
{
    private const string Secret = "backroom";

    public static TheoryData<string, string> FaultsOfKinds()
    {
        var all = new TheoryData<string, string>();
        foreach (var kind in new[] { "chat", "messages", "responses-http", "responses-ws" })
            foreach (var fault in new[]
                     {
                         FakeFault.TooMany, FakeFault.Overloaded, FakeFault.KeyRefused, FakeFault.Invalid, FakeFault.DropAfterSend,
                         FakeFault.DropAfterDelta, FakeFault.FailAfterDelta, FakeFault.GarbageAfterCreated, FakeFault.HangAfterSend,
                     })
                all.Add(kind, fault.ToString());
        return all;
    }

    [Theory]
    [MemberData(nameof(FaultsOfKinds))]
    public async Task Fault_SaysNothingOfTheDestination(string kind, string fault)
    {
        await using var upstream = await FakeUpstream.StartAsync("a", Enum.Parse<FakeFault>(fault));
        var settings = Settings(upstream, kind, "m=fake-model");
        (settings["Upstream:RetriesMax"], settings["Upstream:FirstEventTimeout"]) = ("0", "00:00:00.300");
        await using var server = await RunningServer.StartAsync(null, settings);
        await NothingIsToldAsync(server, upstream, "/v1/responses", new { model = "m", input = "hi", stream = true });
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("responses-ws")]
    public async Task ConnectionThatIsRefused_SaysNothingOfTheDestination(string kind)
    {
        var upstream = await FakeUpstream.StartAsync("a");
        var settings = Settings(upstream, kind, "m");
        settings["Upstream:RetriesMax"] = "0";
        await upstream.DisposeAsync();
        await using var server = await RunningServer.StartAsync(null, settings);
        await NothingIsToldAsync(server, upstream, "/v1/responses", new { model = "m", input = "hi" });
        await NothingIsToldAsync(server, upstream, "/v1/chat/completions",
            new { model = "m", messages = new[] { new { role = "user", content = "hi" } } });
    }

    [Fact]
    public async Task Models_AreListed_WithoutTheStar_AndWithoutTheirPool()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var settings = Settings(upstream, "chat", "m");
        (settings["Upstream:Pools:0:Destinations:0:Models:1"], settings["Upstream:Pools:0:Aliases:0"]) = ("*", "fast=m");
        await using var server = await RunningServer.StartAsync(null, settings);
        var list = await server.Http.GetFromJsonAsync<JsonElement>("/v1/models", Soon.Token);
        Assert.Equal(["m", "fast"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        Assert.DoesNotContain(Secret, list.GetRawText(), StringComparison.Ordinal);
        using var anthropic = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "anthropic-version", "2023-06-01" } } };
        using var page = await server.Http.SendAsync(anthropic, Soon.Token);
        Assert.DoesNotContain("*", await page.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Settings(FakeUpstream upstream, string kind, string model)
    {
        var settings = upstream.Settings(kind);
        (settings["Upstream:Pools:0:Name"], settings["Upstream:Pools:0:Destinations:0:Name"]) = (Secret + "-pool", Secret);
        settings["Upstream:Pools:0:Destinations:0:Models:0"] = model;
        return settings;
    }

    private static async Task NothingIsToldAsync(RunningServer server, FakeUpstream upstream, string path, object request)
    {
        using var answer = await server.Http.PostAsJsonAsync(path, request, Soon.Token);
        var told = $"{answer.Headers} {answer.Content.Headers} {await answer.Content.ReadAsStringAsync(Soon.Token)}";
        Assert.Contains("error", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
        Assert.DoesNotContain(new Uri(upstream.BaseUrl).Authority, told, StringComparison.Ordinal);
    }
}
