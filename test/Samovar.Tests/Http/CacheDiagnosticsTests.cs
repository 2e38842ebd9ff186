using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Tests.Backends.Embedded;

namespace Samovar.Tests.Http;

/// <summary><c>diagnostics</c> of the Messages API on the own engine.</summary>
public sealed class CacheDiagnosticsTests : IAsyncLifetime
{
    private static readonly string Words = string.Join(' ', Enumerable.Range(0, 60));
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await RunningServer.StartAsync(new Talk(Families.ChatMl).Says("one").Backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task EqualPrompts_AreNull_AndSoIsTheFirst()
    {
        var first = await AskAsync(Body(Words, [User("hello")], diagnostics: new { previous_message_id = (string?)null }));
        Assert.Equal(JsonValueKind.Null, first.GetProperty("diagnostics").ValueKind);
        var next = await AskAsync(Body(Words, [User("hello"), Assistant("one"), User("more")], Previous(first)));
        Assert.Equal(JsonValueKind.Null, next.GetProperty("diagnostics").ValueKind);
        Assert.True(next.GetProperty("usage").GetProperty("cache_read_input_tokens").GetInt32() > Words.Length);
        var silent = await AskAsync(Body(Words, [User("hello")], diagnostics: null));
        Assert.False(silent.TryGetProperty("diagnostics", out _));
    }

    [Fact]
    public async Task WhatChanged_IsNamed_WithTheTokensThatItCost()
    {
        var asks = new { previous_message_id = (string?)null };
        var first = await AskAsync(Body(Words, [User("hello " + Words)], asks));
        Assert.Equal("system_changed", Reason(
            await AskAsync(Body(Words + "!", [User("hello " + Words)], Previous(first))), isCounted: true));
        Assert.Equal("messages_changed", Reason(await AskAsync(Body(Words, [User("hallo " + Words)], Previous(first))), isCounted: true));
        var tool = new { name = "look", input_schema = new { type = "object" } };
        Assert.Equal("tools_changed", Reason(
            await AskAsync(Body(Words, [User("hello " + Words)], Previous(first), tool)), isCounted: true));
        Assert.Equal("previous_message_not_found", Reason(
            await AskAsync(Body(Words, [User("hello")], new { previous_message_id = "msg_nobodys" })), isCounted: false));
    }

    [Fact]
    public async Task Stream_SaysItInItsFirstEvent()
    {
        var first = await AskAsync(Body(Words, [User("hello " + Words)], new { previous_message_id = (string?)null }));
        using var answer = await _server.Http.PostAsync("/v1/messages", JsonContent.Create(
            Body(Words + "!", [User("hello " + Words)], Previous(first), stream: true)), Soon.Token);
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        var line = text.Split('\n').First(line => line.StartsWith("data: ", StringComparison.Ordinal));
        var start = JsonDocument.Parse(line[6..]).RootElement;
        Assert.Equal("message_start", start.GetProperty("type").GetString());
        Assert.Equal("system_changed", Reason(start.GetProperty("message"), isCounted: true));
    }

    [Theory]
    [InlineData("""{"diagnostics":{"previous_message_id":7}}""", "diagnostics.previous_message_id")]
    [InlineData("""{"diagnostics":7}""", "diagnostics")]
    public async Task OddDiagnostics_AreRefused(string fields, string where)
    {
        var body = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hello"}],""" + fields[1..];
        using var answer = await _server.Http.PostAsync("/v1/messages", new StringContent(body, Encoding.UTF8), Soon.Token);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains(where, await answer.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
    }

    private static string? Reason(JsonElement message, bool isCounted)
    {
        var reason = message.GetProperty("diagnostics").GetProperty("cache_miss_reason");
        Assert.Equal(isCounted, reason.TryGetProperty("cache_missed_input_tokens", out var missed) && missed.GetInt32() > 0);
        return reason.GetProperty("type").GetString();
    }

    private static object Previous(JsonElement message) => new { previous_message_id = message.GetProperty("id").GetString() };

    private static object User(string text) => new { role = "user", content = text };

    private static object Assistant(string text) => new { role = "assistant", content = text };

    private static Dictionary<string, object> Body(
        string system, object[] messages, object? diagnostics, object? tool = null, bool stream = false)
    {
        var body = new Dictionary<string, object>
        {
            ["model"] = "fake", ["max_tokens"] = 50, ["system"] = system, ["messages"] = messages, ["stream"] = stream,
        };
        if (diagnostics is not null) body["diagnostics"] = diagnostics;
        if (tool is not null) body["tools"] = new[] { tool };
        return body;
    }

    private async Task<JsonElement> AskAsync(Dictionary<string, object> body)
    {
        using var answer = await _server.Http.PostAsync("/v1/messages", JsonContent.Create(body), Soon.Token);
        var text = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
