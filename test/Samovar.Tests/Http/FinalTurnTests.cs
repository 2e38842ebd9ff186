using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>A client says that nothing follows a turn, over each wire and in each API.</summary>
public sealed class FinalTurnTests : IAsyncLifetime
{
    private const string Input = "[[final=x]]";
    private readonly ConcurrentQueue<bool> _said = new();
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource())
    {
        OnPhase = (turn, phase, _) =>
        {
            if (phase == ScriptPhase.Begun) _said.Enqueue(turn.Request.IsFinal);
            return ValueTask.CompletedTask;
        },
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, string> Apis => new()
    {
        { "/v1/responses", $$"""{"model":"m","input":"{{Input}}"}""" },
        { "/v1/chat/completions", $$"""{"model":"m","messages":[{"role":"user","content":"{{Input}}"}]}""" },
        { "/v1/messages", $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"{{Input}}"}]}""" },
    };

    [Theory, MemberData(nameof(Apis))]
    public async Task Header_MakesATurnFinal_AndNoOtherOne(string path, string body)
    {
        foreach (var header in new[] { "true", "false", null })
            using (var reply = await PostAsync(path, body, header)) Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal([true, false, false], _said);
    }

    [Theory, MemberData(nameof(Apis))]
    public async Task Header_OfAnotherValue_IsRefused_BeforeTheTurn(string path, string body)
    {
        using var reply = await PostAsync(path, body, "yes");
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        using var json = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var error = json.RootElement.GetProperty("error");
        Assert.Contains("'yes'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        if (error.TryGetProperty("param", out var param)) Assert.Equal("x-samovar-final", param.GetString());
        else Assert.Equal("/v1/messages", path); // whose errors name none
        Assert.Empty(_said);
    }

    [Fact]
    public async Task Frame_IsFinal_WhereItSaysSo_OrItsSocketDoesAndItSaysNothing()
    {
        await using (var plain = await _server.ConnectAsync())
        {
            await plain.AskAsync(Frame(""));
            await plain.AskAsync(Frame(""", "final": true"""));
        }
        await using (var final = await _server.ConnectAsync(options => options.SetRequestHeader("x-samovar-final", "true")))
        {
            await final.AskAsync(Frame(""));
            await final.AskAsync(Frame(""", "final": false"""));
        }
        Assert.Equal([false, true, true, false], _said);
    }

    [Fact]
    public async Task Frame_ThatSaysItWrongly_IsAnsweredWithTheFieldsName_AndTheSocketGoesOn()
    {
        await using var client = await _server.ConnectAsync();
        var error = (await client.AskAsync(Frame(""", "final": "yes" """)))[^1].GetProperty("error");
        Assert.Equal(("final", "invalid_type"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        await client.AskAsync(Frame(""", "final": true"""));
        Assert.Equal([true], _said);
        await Assert.ThrowsAsync<WebSocketException>(() =>
            _server.ConnectAsync(options => options.SetRequestHeader("x-samovar-final", "yes")));
    }

    private static string Frame(string more) => $$"""{"type":"response.create","model":"m","input":"{{Input}}"{{more}}}""";

    private async Task<HttpResponseMessage> PostAsync(string path, string body, string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (header is not null) request.Headers.Add("x-samovar-final", header);
        return await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
