using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>A client hears something within the interval, whatever its turn waits for.</summary>
public sealed class EarlyStartTests
{
    private const string Responses = "/v1/responses", Chat = "/v1/chat/completions", Messages = "/v1/messages";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(7); // nobody else's
    private readonly ManualTime _time = new();
    private readonly PhaseGate _gate = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ApiException? _refusal;

    [Theory]
    [InlineData(Responses, "data: [DONE]")]
    [InlineData(Chat, "data: [DONE]")]
    [InlineData(Messages, "event: message_stop")]
    public async Task StreamWhoseTurnDoesNotBegin_GetsItsHead_AndSignsOfLife_AndThenItsEvents(string path, string end)
    {
        await using var server = await StartAsync();
        var asked = AskAsync(server, path, streams: true);
        await Soon.In(_gate.Reached);
        using var answer = await AfterIntervalAsync(asked);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Soon.Token));
        await ReadSilenceAsync(reader, path);
        await PassIntervalAsync();
        await ReadSilenceAsync(reader, path);
        _gate.Open();
        var events = await Soon.In(reader.ReadToEndAsync());
        Assert.Contains("fine", events, StringComparison.Ordinal);
        Assert.Contains(end, events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Responses)]
    [InlineData(Chat)]
    [InlineData(Messages)]
    public async Task RefusalAfterTheHead_IsAnEvent_InTheShapeOfTheApi(string path)
    {
        _refusal = new ApiException(Errors.ServerOverloaded, 3, retryAfter: TimeSpan.FromSeconds(3));
        await using var server = await StartAsync();
        var asked = AskAsync(server, path, streams: true);
        await Soon.In(_gate.Reached);
        using var answer = await AfterIntervalAsync(asked);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Soon.Token));
        await ReadSilenceAsync(reader, path);
        _gate.Open();
        var lines = (await Soon.In(reader.ReadToEndAsync())).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var said = JsonDocument.Parse(lines.First(line => line.StartsWith("data: {", StringComparison.Ordinal))[6..]).RootElement;
        Assert.Equal("server_is_overloaded", said.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(path == Chat ? [] : ["event: error"], lines.Where(line => line.StartsWith("event:", StringComparison.Ordinal)));
        Assert.Equal(path == Messages ? [] : ["data: [DONE]"], lines.Where(line => line == "data: [DONE]"));
        if (path == Chat) return;
        Assert.Equal("error", said.GetProperty("type").GetString());
        if (path == Messages) Assert.Equal("overloaded_error", said.GetProperty("error").GetProperty("type").GetString());
        else Assert.Equal("server_is_overloaded", said.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(Responses, true)]
    [InlineData(Chat, true)]
    [InlineData(Messages, true)]
    [InlineData(Responses, false)]
    [InlineData(Chat, false)]
    [InlineData(Messages, false)]
    public async Task RefusalWithinTheInterval_HasItsStatus(string path, bool streams)
    {
        _refusal = new ApiException(Errors.ServerOverloaded, 3, retryAfter: TimeSpan.FromSeconds(3));
        await using var server = await StartAsync(wholeKeepAlive: true);
        var asked = AskAsync(server, path, streams);
        await Soon.In(_gate.Reached);
        await Soon.In(_time.WhenArmed(Interval));
        _time.Advance(Interval - TimeSpan.FromTicks(1));
        _gate.Open();
        using var answer = await Soon.In(asked);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("3", answer.Headers.GetValues("retry-after").Single());
    }

    [Fact]
    public async Task StreamThatWaitsForAPlace_GetsItsHead_AndItsRefusalAsAnEvent()
    {
        await using var server = await StartAsync(("Turns:RunningMax", "1"), ("Turns:QueueWaitMax", "00:01:00"));
        using var gone = new CancellationTokenSource();
        var first = AskAsync(server, Responses, streams: false, gone.Token);
        await Soon.In(_gate.Reached);
        var second = AskAsync(server, Chat, streams: true);
        using var answer = await AfterIntervalAsync(second);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Soon.Token));
        await ReadSilenceAsync(reader, Chat);
        _time.Advance(TimeSpan.FromMinutes(1) - Interval);
        Assert.Contains("server_is_overloaded", await Soon.In(reader.ReadToEndAsync()), StringComparison.Ordinal);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(first));
    }

    [Theory]
    [InlineData(Responses, true)]
    [InlineData(Chat, true)]
    [InlineData(Messages, true)]
    [InlineData(Responses, false)]
    [InlineData(Messages, false)]
    public async Task ClientThatLeaves_BeforeItsTurnBegins_EndsIt(string path, bool streams)
    {
        await using var server = await StartAsync(wholeKeepAlive: true);
        var asked = AskAsync(server, path, streams);
        await Soon.In(_gate.Reached);
        using (await AfterIntervalAsync(asked)) { }
        await Soon.In(_stopped.Task);
    }

    [Theory]
    [InlineData(Responses, false)]
    [InlineData(Chat, false)]
    [InlineData(Messages, false)]
    [InlineData(Responses, true)]
    [InlineData(Chat, true)]
    [InlineData(Messages, true)]
    public async Task WholeAnswer_BeginsWithWhiteSpace_WhereThatIsAllowed(string path, bool fails)
    {
        if (fails) _refusal = new ApiException(Errors.ServerOverloaded, 3);
        await using var server = await StartAsync(wholeKeepAlive: true);
        var asked = AskAsync(server, path, streams: false);
        await Soon.In(_gate.Reached);
        using var answer = await AfterIntervalAsync(asked);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        await PassIntervalAsync();
        await Soon.In(_time.WhenArmed(Interval));
        _gate.Open();
        var text = await Soon.In(answer.Content.ReadAsStringAsync());
        Assert.StartsWith("  {", text, StringComparison.Ordinal);
        var root = JsonDocument.Parse(text).RootElement;
        Assert.Equal(fails, root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object);
    }

    [Fact]
    public async Task WholeAnswer_WaitsForItsStatus_WhereNothingElseIsAllowed()
    {
        _refusal = new ApiException(Errors.ServerOverloaded, 3);
        await using var server = await StartAsync();
        var asked = AskAsync(server, Responses, streams: false);
        await Soon.In(_gate.Reached);
        _time.Advance(10 * Interval);
        _gate.Open();
        using var answer = await Soon.In(asked);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private Task<RunningServer> StartAsync(bool wholeKeepAlive = false) =>
        StartAsync(("Http:WholeKeepAlive", wholeKeepAlive ? "true" : "false"));

    private Task<RunningServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = async (_, phase, cancelled) =>
            {
                if (phase != ScriptPhase.Begun) return;
                try { await _gate.PassAsync(cancelled); }
                catch (OperationCanceledException)
                {
                    _stopped.TrySetResult();
                    throw;
                }
                if (_refusal is not null) throw _refusal;
            },
        };
        var all = settings.ToDictionary(setting => setting.Name, string? (setting) => setting.Value, StringComparer.Ordinal);
        all["Http:KeepAliveInterval"] = $"{Interval}";
        return RunningServer.StartAsync(backend, all, services => services.AddSingleton<TimeProvider>(_time));
    }

    private static async Task<HttpResponseMessage> AskAsync(
        RunningServer server, string path, bool streams, CancellationToken gone = default)
    {
        var json = path == Responses ? """{"model":"m","input":"[[final=fine]]","stream":STREAM}"""
            : """{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"[[final=fine]]"}],"stream":STREAM}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json.Replace("STREAM", streams ? "true" : "false", StringComparison.Ordinal), Encoding.UTF8,
                "application/json"),
        };
        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone);
    }

    private async Task<HttpResponseMessage> AfterIntervalAsync(Task<HttpResponseMessage> asked)
    {
        await PassIntervalAsync();
        return await Soon.In(asked);
    }

    private async Task PassIntervalAsync()
    {
        await Soon.In(_time.WhenArmed(Interval));
        _time.Advance(Interval);
    }

    /// <summary>What fills a silence: a comment, and a ping where the protocol has one.</summary>
    private static async Task ReadSilenceAsync(StreamReader reader, string path)
    {
        if (path == Messages)
        {
            Assert.Equal("event: ping", await Soon.In(reader.ReadLineAsync()));
            Assert.Equal("data: {\"type\":\"ping\"}", await Soon.In(reader.ReadLineAsync()));
        }
        else Assert.Equal(": keep-alive", await Soon.In(reader.ReadLineAsync()));
        Assert.Equal("", await Soon.In(reader.ReadLineAsync()));
    }
}
