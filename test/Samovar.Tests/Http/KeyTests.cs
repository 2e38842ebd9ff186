using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

public sealed class KeyTests : IAsyncLifetime
{
    private readonly string _path = Path.GetTempFileName();
    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_path, """{"tenants":{"alice":["sk-a"],"bob":["sk-b"]},"operators":["bob"]}""");
        var settings = new Dictionary<string, string?> { ["Auth:KeyFile"] = _path, ["Auth:KeyFileAgeMax"] = "00:00:00" };
        _server = await RunningServer.StartAsync(_backend, settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_path);
    }

    [Theory]
    [InlineData("Authorization", "Bearer sk-a", HttpStatusCode.OK)]
    [InlineData("Authorization", "bearer sk-b", HttpStatusCode.OK)]
    [InlineData("api-key", "sk-a", HttpStatusCode.OK)]
    [InlineData("x-api-key", "sk-a", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer sk-c", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic sk-a", HttpStatusCode.Unauthorized)]
    [InlineData("api-key", "", HttpStatusCode.Unauthorized)]
    [InlineData("X-Nothing", "sk-a", HttpStatusCode.Unauthorized)]
    public async Task Key_OpensTheDoor_OnlyWhenItIsKnown(string header, string value, HttpStatusCode status)
    {
        using var reply = await SendAsync(HttpMethod.Post, "/v1/responses", header, value, """{"model":"m","input":"x"}""");
        Assert.Equal(status, reply.StatusCode);
        if (status == HttpStatusCode.Unauthorized)
            Assert.Contains("\"code\":\"invalid_api_key\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResponseOfAnotherTenant_IsAnUnknownOne()
    {
        using var made = await SendAsync(HttpMethod.Post, "/v1/responses", "api-key", "sk-a", """{"model":"m","input":"x"}""");
        var id = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, $"/v1/responses/{id}", "api-key", "sk-a")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, $"/v1/responses/{id}", "api-key", "sk-b")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, $"/v1/responses/{id}", "api-key", "sk-b")).StatusCode);
        var continued =
            await SendAsync(HttpMethod.Post, "/v1/responses", "api-key", "sk-b",
                $$"""{"model":"m","input":"y","previous_response_id":"{{id}}"}""");
        Assert.Contains("previous_response_not_found", await continued.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_ShowsStrangers_OnlyThatItLives()
    {
        using var stranger = await _server.Http.GetAsync("/health");
        Assert.DoesNotContain("models", await stranger.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var caller = await SendAsync(HttpMethod.Get, "/health", "api-key", "sk-a");
        Assert.Contains("models", await caller.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAllTenantsDo_IsForOperatorsAlone()
    {
        using var tenant = await SendAsync(HttpMethod.Get, "/health", "api-key", "sk-a");
        Assert.DoesNotContain("sessions", await tenant.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var metrics = await SendAsync(HttpMethod.Get, "/metrics", "api-key", "sk-a");
        Assert.Equal(HttpStatusCode.Forbidden, metrics.StatusCode);
        Assert.Contains("\"code\":\"operator_key_required\"", await metrics.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var health = await SendAsync(HttpMethod.Get, "/health", "api-key", "sk-b");
        Assert.Contains("\"sessions\":0", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, "/metrics", "api-key", "sk-b")).StatusCode);
    }

    [Fact]
    public async Task Upgrade_NeedsAKey()
    {
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        var uri = new UriBuilder(_server.Address) { Scheme = "ws", Path = "/v1/responses" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(uri, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Unauthorized, socket.HttpStatusCode);
    }

    [Fact]
    public async Task KeyTakenAway_EndsTurns_OnAnOpenSocket()
    {
        await using var socket = await _server.ConnectAsync(options => options.SetRequestHeader("Authorization", "Bearer sk-b"));
        Assert.Equal("response.completed",
            (await socket.AskAsync("""{"type":"response.create","model":"m","input":"x"}"""))[^1].GetProperty("type").GetString());
        await File.WriteAllTextAsync(_path, """{"tenants":{"alice":["sk-a"]}}""");
        File.SetLastWriteTimeUtc(_path, DateTime.UtcNow.AddMinutes(1));
        var refused = await socket.AskAsync("""{"type":"response.create","model":"m","input":"x"}""");
        Assert.Equal(401, refused[^1].GetProperty("status").GetInt32());
        Assert.Equal("invalid_api_key", refused[^1].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task KeyTakenAway_RefusesWhatWaits_AndSaysSoOnItsLane()
    {
        var gate = new PhaseGate();
        _backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : default;
        await using var socket = await _server.ConnectAsync(options => options.SetRequestHeader("Authorization", "Bearer sk-b"));
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"x","stream_id":"side"}""");
        await Soon.In(gate.Reached);
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"y","stream_id":"side"}"""); // taken in, waits
        await socket.SendAsync("""{"type":"response.cancel","stream_id":"none","response_id":"resp_x"}""");
        Assert.Equal("response_not_found", await NextErrorAsync(socket, "none")); // so the frame before it is in its lane
        await File.WriteAllTextAsync(_path, """{"tenants":{"alice":["sk-a"]}}""");
        File.SetLastWriteTimeUtc(_path, DateTime.UtcNow.AddMinutes(1));
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"z","stream_id":"other"}""");
        Assert.Equal("invalid_api_key", await NextErrorAsync(socket, "other"));
        gate.Open();
        Assert.Equal("invalid_api_key", await NextErrorAsync(socket, "side"));
        Assert.Equal(1, _backend.Turns);
    }

    /// <summary>The code of the next error, which must stand on that lane.</summary>
    private static async Task<string?> NextErrorAsync(ClientSocket socket, string lane)
    {
        while (true)
        {
            var e = await socket.ReceiveAsync();
            if (e.GetProperty("type").GetString() != "error") continue;
            Assert.Equal(lane, e.GetProperty("stream_id").GetString());
            return e.GetProperty("error").GetProperty("code").GetString();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string header, string value, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation(header, value);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _server.Http.SendAsync(request);
    }
}
