using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Metering;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Monitoring.Otlp;

/// <summary>What a collector gets of a turn, and what upstreams get of its trace.</summary>
public sealed class TelemetryExportTests : IDisposable
{
    private const string Said = "xylophones-at-midnight", SeenEvents = "be-a-marmot";
    private const string ClientKey = "sk-client-4711", UpstreamKey = "sk-upstream-0815";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", ClientSpan = "00f067aa0ba902b7";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-otlp");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collector_GetsATurnsStages_WhereTheyAreWanted()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var upstream = await FakeUpstream.StartAsync("a");
        var settings = await SettingsAsync(upstream);
        (settings["Monitoring:OtlpEndpoint"], settings["Tracing:ExportStages"]) = (collector.Endpoint, "true");
        await using (var server = await RunningServer.StartAsync(null, settings))
            await AskAsync(server, $"00-{Trace}-{ClientSpan}-01");

        var spans = collector.Spans.Where(span => span.Trace == Trace).ToList();
        var turn = Assert.Single(spans, span => span.Parent == ClientSpan);
        var stages = spans.Where(span => span.Parent == turn.Id && span.Name.StartsWith("samovar.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["connect", "decode", "match", "place", "queue", "read", "receive", "send", "store"],
            stages.Select(span => span.Name["samovar.".Length..]).Except(["write"]).Order(StringComparer.Ordinal));
        Assert.Equal("a", stages.Single(span => span.Name == "samovar.send").Attributes["samovar.detail"]);
    }

    [Fact]
    public async Task Collector_GetsTurnAndAttempts_AndNothingThatWasSaidOrIsSecret()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Overloaded);
        var settings = await SettingsAsync(upstream);
        settings["Monitoring:OtlpEndpoint"] = collector.Endpoint;
        string response;
        await using (var server = await RunningServer.StartAsync(null, settings))
        {
            var answer = await AskAsync(server, $"00-{Trace}-{ClientSpan}-01");
            Assert.Equal("completed", answer.GetProperty("status").GetString());
            response = answer.GetProperty("id").GetString()!;
        } // the end exports what was not exported yet

        var spans = collector.Spans.Where(span => span.Trace == Trace).ToList();
        var turn = Assert.Single(spans, span => span.Parent == ClientSpan);
        var attempts = spans.Where(span => span.Parent == turn.Id).ToList();
        Assert.Equal((3, 2), (spans.Count, attempts.Count));
        Assert.Equal(("chat m", 2UL, response), (turn.Name, turn.Kind, turn.Attributes["gen_ai.response.id"]));
        Assert.Equal(("chat", "samovar", "m"), (turn.Attributes["gen_ai.operation.name"], turn.Attributes["gen_ai.provider.name"],
            turn.Attributes["gen_ai.request.model"]));
        Assert.Equal(("completed", "1", "a"), (turn.Attributes["samovar.outcome"], turn.Attributes["samovar.retries"],
            turn.Attributes["samovar.destination"]));
        Assert.True(int.Parse(turn.Attributes["gen_ai.usage.output_tokens"], null) > 0);
        Assert.All(attempts, attempt => Assert.Equal(("chat fake-model", 3UL, "127.0.0.1"),
            (attempt.Name, attempt.Kind, attempt.Attributes["server.address"])));
        Assert.Equal(("server_error", 2UL), (attempts[0].Attributes["error.type"], attempts[0].Status));
        Assert.False(attempts[1].Attributes.ContainsKey("error.type"));
        Assert.Equal(attempts.Select(attempt => $"00-{Trace}-{attempt.Id}-01"),
            upstream.Requests.Select(request => request.Headers["traceparent"]));
        Assert.Equal("samovar", collector.Resource["service.name"]);

        var metrics = collector.Metrics.DistinctBy(metric => metric.Name).ToDictionary(metric => metric.Name, StringComparer.Ordinal);
        Assert.Equal(Buckets.Durations.HistogramBucketBoundaries!, metrics[GenAi.RequestDuration].Bounds);
        Assert.Equal(Buckets.PerToken.HistogramBucketBoundaries!, metrics[GenAi.TimePerOutputToken].Bounds);
        Assert.Equal(Buckets.Tokens.HistogramBucketBoundaries!.Select(bound => (double)bound), metrics[GenAi.TokenUsage].Bounds);
        Assert.Equal("s", metrics[GenAi.OperationDuration].Unit);
        Assert.Contains("samovar.upstream.attempts", metrics.Keys);
        foreach (var secret in new[] { Said, SeenEvents, ClientKey, UpstreamKey })
            Assert.DoesNotContain(secret, collector.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CollectorThatIsNotThere_IsReportedOnce()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var settings = await SettingsAsync(upstream);
        (settings["Monitoring:OtlpEndpoint"], settings["Logging:LogLevel:Default"]) = ("http://127.0.0.1:1", "Warning");
        using var log = new WarningLog();
        await using (var server = await RunningServer.StartAsync(null, settings, services => services.AddSingleton<ILoggerProvider>(log)))
            await AskAsync(server, $"00-{Trace}-{ClientSpan}-01");
        Assert.Single(log.Warnings, warning => warning.Contains("collector", StringComparison.Ordinal)); // both exporters failed
    }

    [Fact]
    public async Task WithoutACollector_NobodyIsTraced_AndTheClientsTraceGoesOn()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        await AskAsync(server, $"00-{Trace}-{ClientSpan}-00");
        Assert.Equal($"00-{Trace}-{ClientSpan}-00", upstream.Requests.Last().Headers["traceparent"]);
        Assert.Equal("vendor=1", upstream.Requests.Last().Headers["tracestate"]);
        await AskAsync(server, "not a trace");
        Assert.DoesNotContain("traceparent", upstream.Requests.Last().Headers.Keys);

        await using var client = await server.ConnectAsync(options =>
        {
            options.SetRequestHeader("Authorization", "Bearer " + ClientKey);
            options.SetRequestHeader("traceparent", $"00-{Trace}-{ClientSpan}-00");
        });
        const string another = "00000000000000aa";
        foreach (var (metadata, expected) in new[] { ("", ClientSpan), ($"00-{Trace}-{another}-01", another), ("x", ClientSpan) })
        {
            var named = $$"""{"turn_id":"1","ws_request_header_traceparent":"{{metadata}}"}""";
            await client.SendAsync(
                $$"""{"type":"response.create","client_metadata":{{named}},"model":"m","store":false,"input":"one"}""");
            await client.ReceiveTurnAsync();
            Assert.Contains(expected, upstream.Requests.Last().Headers["traceparent"], StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<JsonElement> AskAsync(RunningServer server, string traceparent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.TryAddWithoutValidation("traceparent", traceparent);
        request.Headers.TryAddWithoutValidation("tracestate", "vendor=1");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ClientKey);
        request.Content = JsonContent.Create(new { model = "m", input = Said, instructions = SeenEvents, store = false });
        using var answer = await server.Http.SendAsync(request, Cancelled);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    private async Task<Dictionary<string, string?>> SettingsAsync(FakeUpstream upstream)
    {
        var (keys, key) = (Path.Combine(_folder.FullName, "keys.json"), Path.Combine(_folder.FullName, "upstream.key"));
        await File.WriteAllTextAsync(keys, $$$"""{"tenants":{"alice":["{{{ClientKey}}}"]}}""", Cancelled);
        await File.WriteAllTextAsync(key, UpstreamKey, Cancelled);
        return new(OneChatPool.Settings(keys, upstream)) { ["Upstream:Pools:0:Destinations:0:KeyFile"] = key };
    }

    /// <summary>Keeps warnings.</summary>
    private sealed class WarningLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings.Enqueue(formatter(state, exception));

        public void Dispose() { /* nothing is held */ }
    }
}
