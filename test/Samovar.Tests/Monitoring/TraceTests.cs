using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Cli.Traces;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring.Traces;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Monitoring;

/// <summary>What a server says of where a turn's time went, and how <c>samovar trace</c> shows it.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Canary = "xylophones-at-midnight";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-trace");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trace_IsItsTenantsAndAnOperators_AndNobodyElses()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Overloaded);
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        var id = await AskAsync(server, "sk-a");
        var own = await TraceAsync(server, "sk-a", id);
        Assert.Equal((id, "ended", "completed", null), (own.ResponseId, own.Status, own.Outcome, own.Tenant));
        Assert.Equal("alice", (await TraceAsync(server, "sk-op", id)).Tenant);
        Assert.Equal(
            ["receive", "read", "queue", "match", "place", "connect", "send", "place", "connect", "send", "decode", "store", "write"],
            own.Spans.Select(span => span.Stage));
        Assert.Equal(["a: server_error", "a"], own.Spans.Where(span => span.Stage == "send").Select(span => span.Detail));
        Assert.All(own.Spans, span => Assert.True(span.StartUs >= 0 && span.StartUs + span.DurationUs <= own.TotalUs + 0.2));
        foreach (var track in own.Spans.GroupBy(span => span.Track))
            Assert.True(track.Sum(span => span.BusyUs) <= own.TotalUs + 1, $"{track.Key} took longer than the turn.");
        Assert.InRange(own.FirstOutputUs!.Value, 0, own.TotalUs);

        foreach (var (key, name) in new[] { ("sk-b", id), ("sk-a", "resp_unknown") })
        {
            using var answer = await GetAsync(server, key, name, "json");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("error");
            Assert.Equal($"Response with id '{name}' not found.", error.GetProperty("message").GetString());
            Assert.Equal(("response_not_found", "response_id"),
                (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        }
        using var odd = await GetAsync(server, "sk-a", id, "svg");
        Assert.Equal(HttpStatusCode.BadRequest, odd.StatusCode);
        var fault = await odd.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal("format", fault.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Formats_AreWhatTheirReadersTake_AndSayNothingThatWasSaid()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        var id = await AskAsync(server, "sk-a");
        var report = await TraceAsync(server, "sk-a", id);
        foreach (var format in new[] { "json", "chrome", "otlp" })
        {
            using var answer = await GetAsync(server, "sk-a", id, format);
            var text = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
            Assert.DoesNotContain("sk-", text, StringComparison.Ordinal);
            using var json = JsonDocument.Parse(text);
            if (format == "chrome") AssertChrome(json.RootElement, report);
            if (format == "otlp") AssertOtlp(json.RootElement, report);
        }
    }

    [Theory]
    [InlineData("/v1/responses", """{"model":"m","input":"one","stream":true}""")]
    [InlineData("/v1/responses", """{"model":"m","input":"one"}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"one"}],"stream":true}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"one"}]}""")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"one"}]}""")]
    public async Task EveryProtocol_NotesItsRequestAndItsWrites(string path, string body)
    {
        var seen = new List<ResponseId>();
        var backend = new ScriptedBackend(new IdSource())
        {
            OnPhase = (turn, _, _) =>
            {
                seen.Add(turn.Id);
                return default;
            },
        };
        await using var server = await RunningServer.StartAsync(backend);
        using var answer = await server.Http.PostAsync(path, new StringContent(body), Cancelled);
        var written = (await answer.Content.ReadAsByteArrayAsync(Cancelled)).Length;
        var trace = await TraceAsync(server, null, seen[0].Value);
        Assert.Equal(body.Length, trace.Spans.Single(span => span.Stage == "receive").Amount);
        Assert.Equal(body.Length, trace.Spans.Single(span => span.Stage == "read").Amount);
        Assert.Equal(written, trace.Spans.Where(span => span.Stage == "write").Sum(span => span.Amount));
    }

    [Fact]
    public async Task SocketsTurns_AreTraced_InTheirLane()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.create","model":"m","input":"one","stream_id":"side"}""");
        var events = await socket.ReceiveTurnAsync();
        var id = events[^1].GetProperty("response").GetProperty("id").GetString()!;
        var trace = await TraceAsync(server, null, id);
        Assert.Equal("side", trace.Lane);
        Assert.Equal("receive", trace.Spans[0].Stage);
        Assert.InRange(trace.Spans.Where(span => span.Stage == "write").Sum(span => span.Amount), 1000, 100_000);
    }

    [Fact]
    public async Task Command_ShowsAWaterfall_OrSaysWhyNot()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, await SettingsAsync(upstream));
        var id = await AskAsync(server, "sk-a");
        await TraceAsync(server, "sk-a", id);
        var (chrome, otlp) = (Path.Combine(_folder.FullName, "c.json"), Path.Combine(_folder.FullName, "o.json"));
        var (status, text, _) = await CommandAsync(server.Address, "sk-a", new TraceWanted(id, chrome, otlp, IsJson: false, Width: 120));
        Assert.Equal(0, status);
        Assert.Matches($@"^{id}  completed\r?\n", text);
        Assert.Matches(@"(?m)^send +[\d.]+ (µs|ms) +[\d.]+ (µs|ms)  .*█.* bytes, a\r?$", text);
        Assert.Matches(@"(?m)^Longest: .* \(\d+ %\) .*\.\r?$", text);
        Assert.Contains("ui.perfetto.dev", text, StringComparison.Ordinal);
        AssertChrome(JsonDocument.Parse(await File.ReadAllBytesAsync(chrome, Cancelled)).RootElement, report: null);
        AssertOtlp(JsonDocument.Parse(await File.ReadAllBytesAsync(otlp, Cancelled)).RootElement, report: null);
        var (_, json, _) = await CommandAsync(server.Address, "sk-a", new TraceWanted(id, null, null, IsJson: true, Width: 120));
        Assert.Equal("samovar.trace", JsonDocument.Parse(json).RootElement.GetProperty("object").GetString());

        foreach (var (address, key, wanted, expected) in new[]
        {
            (server.Address, "sk-b", new TraceWanted(id, null, null, false, 120), "Tracing:KeptMax"),
            (server.Address, "sk-nobody", new TraceWanted(id, null, null, false, 120), "needs a key"),
            (new Uri("http://127.0.0.1:1"), "sk-a", new TraceWanted(id, null, null, false, 120), "Nobody answers"),
            (server.Address, "sk-a", new TraceWanted(id, "/nowhere/at/all.json", null, false, 120), "cannot be written"),
        })
        {
            var (failed, output, error) = await CommandAsync(address, key, wanted);
            Assert.Equal((1, ""), (failed, output));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Waterfall_NamesTheLongestWait_AndPutsManyWritesIntoOneRow()
    {
        var spans = new List<TraceSpanReport> { Span("prefill", 0, 400, 800, "tokens") };
        for (var at = 0; at < 20; at++) spans.Add(Span("write", 400 + at * 20, 1, 10, "bytes"));
        var trace = new TraceReport
        {
            ResponseId = "resp_1", Status = "ended", Outcome = "completed", StartedAt = DateTimeOffset.UnixEpoch, TotalUs = 1000,
            FirstOutputUs = 401, InputTokens = 1801, CachedTokens = 1001, OutputTokens = 20, Spans = spans,
        };
        var lines = TraceWaterfall.Lines(trace, 100).ToList();
        Assert.Equal("1.00 ms in all, first output after 401 µs; 1,801 tokens in (1,001 cached), 20 out", lines[1]);
        var write = Assert.Single(lines, line => line.StartsWith("write", StringComparison.Ordinal));
        Assert.Matches(@"^write +400 µs +20 µs +░+ +200 bytes in 20$", write);
        Assert.Equal(
            "Longest: 580 µs of 1.00 ms (58 %) between the stages: this machine had other work, or the client was behind.", lines[^1]);
        var slow = trace with { Spans = [Span("prefill", 0, 900, 1800, "tokens")] };
        Assert.Equal("Longest: 900 µs of 1.00 ms (90 %) for computing 1,800 tokens (2,000,000 a second) of the prompt.",
            TraceWaterfall.Lines(slow, 100).Last());
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 110));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static TraceSpanReport Span(string stage, double start, double took, long amount, string unit) => new()
    {
        Stage = stage, Track = "engine", StartUs = start, DurationUs = took, BusyUs = took, Amount = amount, Unit = unit, Count = 1,
    };

    /// <summary>The Trace Event Format, as far as it is used.</summary>
    private static void AssertChrome(JsonElement json, TraceReport? report)
    {
        var events = json.GetProperty("traceEvents").EnumerateArray().ToList();
        var threads = new HashSet<int>();
        foreach (var e in events)
        {
            Assert.NotEqual("", e.GetProperty("name").GetString());
            Assert.Equal(1, e.GetProperty("pid").GetInt32());
            var thread = e.GetProperty("tid").GetInt32();
            switch (e.GetProperty("ph").GetString())
            {
                case "M":
                    Assert.Contains(e.GetProperty("name").GetString(), new[] { "process_name", "thread_name" });
                    Assert.NotEqual("", e.GetProperty("args").GetProperty("name").GetString());
                    threads.Add(thread);
                    break;
                case "X":
                    Assert.Contains(thread, threads);
                    Assert.True(e.GetProperty("ts").GetDouble() > 0 && e.GetProperty("dur").GetDouble() >= 0);
                    break;
                case "i": Assert.Equal("p", e.GetProperty("s").GetString()); break;
                case var other: Assert.Fail($"No phase '{other}' is expected."); break;
            }
        }
        if (report is not null) Assert.Equal(report.Spans.Count + 1, events.Count(e => e.GetProperty("ph").GetString() == "X"));
    }

    /// <summary>OTLP/JSON: ids in hexadecimal, times as text, every stretch below the turn's span and inside it.</summary>
    private static void AssertOtlp(JsonElement json, TraceReport? report)
    {
        var resource = Assert.Single(json.GetProperty("resourceSpans").EnumerateArray());
        Assert.Equal("service.name", resource.GetProperty("resource").GetProperty("attributes")[0].GetProperty("key").GetString());
        var spans = Assert.Single(resource.GetProperty("scopeSpans").EnumerateArray()).GetProperty("spans").EnumerateArray().ToList();
        var turn = spans[0];
        Assert.False(turn.TryGetProperty("parentSpanId", out _));
        foreach (var span in spans)
        {
            Assert.Matches("^[0-9a-f]{32}$", span.GetProperty("traceId").GetString());
            Assert.Matches("^[0-9a-f]{16}$", span.GetProperty("spanId").GetString());
            Assert.InRange(span.GetProperty("kind").GetInt32(), 1, 5);
            Assert.True(Nanoseconds(span, "start") <= Nanoseconds(span, "end"));
            foreach (var attribute in span.GetProperty("attributes").EnumerateArray())
                Assert.Contains(Assert.Single(attribute.GetProperty("value").EnumerateObject()).Name, new[] { "stringValue", "intValue" });
        }
        foreach (var span in spans.Skip(1))
        {
            Assert.Equal(turn.GetProperty("spanId").GetString(), span.GetProperty("parentSpanId").GetString());
            Assert.Equal(turn.GetProperty("traceId").GetString(), span.GetProperty("traceId").GetString());
            Assert.True(Nanoseconds(span, "start") >= Nanoseconds(turn, "start"));
        }
        Assert.Equal(spans.Count, spans.Select(span => span.GetProperty("spanId").GetString()).Distinct().Count());
        if (report is not null) Assert.Equal(report.Spans.Count + 1, spans.Count);
    }

    private static long Nanoseconds(JsonElement span, string which) =>
        long.Parse(span.GetProperty(which + "TimeUnixNano").GetString()!, CultureInfo.InvariantCulture);

    private static async Task<(int Status, string Output, string Error)> CommandAsync(Uri server, string key, TraceWanted wanted)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        using var client = new TraceClient(server, key);
        var status = await TraceCommand.RunAsync(client, wanted, output, error, Cancelled);
        return (status, output.ToString(), error.ToString());
    }

    private static async Task<HttpResponseMessage> GetAsync(RunningServer server, string? key, string id, string format)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/samovar/trace/{id}?format={format}");
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await server.Http.SendAsync(request, Cancelled);
    }

    /// <summary>A turn's trace, once its last write was noted: that is just behind it.</summary>
    private static async Task<TraceReport> TraceAsync(RunningServer server, string? key, string id)
    {
        while (true)
        {
            using var answer = await GetAsync(server, key, id, "json");
            answer.EnsureSuccessStatusCode();
            var trace = TraceClient.Read(await answer.Content.ReadAsByteArrayAsync(Cancelled))!;
            if (trace.Status == "ended" && trace.Spans.Any(span => span.Stage == "write")) return trace;
            await Task.Delay(10, Cancelled);
        }
    }

    private static async Task<string> AskAsync(RunningServer server, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = JsonContent.Create(new { model = "m", input = Canary, store = false, instructions = Canary, user = Canary });
        using var answer = await server.Http.SendAsync(request, Cancelled);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("id").GetString()!;
    }

    private Task<Dictionary<string, string?>> SettingsAsync(FakeUpstream upstream) =>
        OneChatPool.SettingsAsync(_folder, upstream, Cancelled);
}
