using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Http;

/// <summary>What a server shows of models that it passes on by any name.</summary>
public sealed class ModelsTests
{
    [Theory]
    [InlineData("/v1/models/anything", "anything")]
    [InlineData("/v1/models/org/model:7b", "org/model:7b")]
    [InlineData("/v1/models/org%2Fmodel%3A7b", "org/model:7b")]
    [InlineData("/v1/models/m", "m")]
    [InlineData("/v1/models/mine", "mine")]
    public async Task NameThatIsPassedOn_CanBeReadAlone_InBothForms(string path, string name)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, "*");
        foreach (var isAnthropic in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path));
            if (isAnthropic) request.Headers.Add("anthropic-version", "2023-06-01");
            using var answer = await server.Http.SendAsync(request, Soon.Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var model = await answer.Content.ReadFromJsonAsync<JsonElement>(Soon.Token);
            Assert.Equal(name, model.GetProperty("id").GetString());
            Assert.Equal(!isAnthropic, model.TryGetProperty("object", out _));
        }
    }

    [Fact]
    public async Task NameThatIsNotPassedOn_IsUnknown()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, "other");
        using var answer = await server.Http.GetAsync(new Uri("/v1/models/anything", UriKind.Relative), Soon.Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        using var aliased = await server.Http.GetAsync(new Uri("/v1/models/mine", UriKind.Relative), Soon.Token);
        Assert.Equal(HttpStatusCode.OK, aliased.StatusCode);
    }

    [Fact]
    public async Task ModelsOfTheUpstream_AreListed_BehindTheConfiguredOnes()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Models = context => context.Response.WriteAsync("""{"data":[{"id":"m"},{"id":"up-1"},{"id":"up-2"}]}""");
        await using var server = await StartAsync(upstream, "*");
        while (true)
        {
            var list = await server.Http.GetFromJsonAsync<JsonElement>("/v1/models", Soon.Token);
            var names = list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
            if (names.Count == 1) continue; // the upstream is not waited for
            Assert.Equal(["m", "up-1", "up-2"], names);
            break;
        }
    }

    private static Task<RunningServer> StartAsync(FakeUpstream upstream, string more)
    {
        var settings = upstream.Settings("chat");
        settings["Upstream:Pools:0:Destinations:0:Models:1"] = more;
        settings["Routing:Aliases:mine"] = "m";
        return RunningServer.StartAsync(null, settings);
    }
}
