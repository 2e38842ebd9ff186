using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>Whatever can be read can be asked for its head.</summary>
public sealed class HeadTests
{
    [Fact]
    public async Task Head_IsThatOfTheAnswer_OnEveryRouteThatIsRead()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        using var body = new StringContent("""{"model":"m","input":"x"}""", Encoding.UTF8, "application/json");
        using var made = await server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), body, Soon.Token);
        var id = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Soon.Token)).RootElement.GetProperty("id").GetString();
        (string Path, int Status)[] routes =
        [
            ("/", 200), ("/health", 200), ("/v1/models", 200), ("/v1/models/scripted", 200), ("/v1/models/none", 404), ("/metrics", 200),
            ("/v1/samovar/status", 200), ($"/v1/responses/{id}", 200), ($"/v1/responses/{id}/input_items", 200),
            ("/v1/responses/resp_none", 404), ("/v1/responses", 426), ("/none", 404), ("/v1/chat/completions", 200),
            ("/v1/chat/completions/none", 404),
            ($"/responses/{id}", 200), ($"/codex/responses/{id}/input_items", 200),
            ("/conversations/none", 404), ("/conversations", 405), ("/v1/conversations", 405),
            ("/v1/conversations/none", 404), ("/v1/messages", 405),
        ];
        foreach (var (path, status) in routes)
        {
            using var get = await SendAsync(server, HttpMethod.Get, path);
            using var head = await SendAsync(server, HttpMethod.Head, path);
            Assert.Equal((path, status, status), (path, (int)get.StatusCode, (int)head.StatusCode));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Soon.Token));
            if (status == 405) Assert.Equal("POST", get.Content.Headers.Allow.Single());
        }
    }

    private static Task<HttpResponseMessage> SendAsync(RunningServer server, HttpMethod method, string path) =>
        server.Http.SendAsync(new HttpRequestMessage(method, new Uri(path, UriKind.Relative)), Soon.Token);
}
