using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Models;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Hostile;

/// <summary>Whatever stands in whatever place of a request, it has one clean answer, and what it left behind can be read.</summary>
/// <remarks><c>ALL_PLACES=1 dotnet Samovar.Tests.dll -class '*HostileRequestTests'</c> puts each nasty value into each place; by default
/// each of them stands somewhere, and a quarter of them in every place.</remarks>
public sealed class HostileRequestTests
{
    private const int Fourth = 4; // has no divisor in common with how many there are: none is always left out

    private static readonly (string Path, string[] Samples)[] Apis =
    [
        ("/v1/responses", [.. RequestSamples.Responses, .. RequestSamples.MoreResponses]),
        ("/v1/chat/completions", RequestSamples.Chat),
        ("/v1/messages", RequestSamples.Messages),
    ];

    [Fact]
    public async Task Request_IsAnsweredCleanly_WhateverStandsInIt()
    {
        await using var hostile = await HostileServer.StartAsync(new ScriptedBackend(new IdSource()));
        foreach (var (path, samples) in Apis)
            foreach (var sample in samples)
                await SendAsync(hostile, path, sample, Places.Asked(sample, Fourth));
        hostile.AssertClean();
    }

    [Fact]
    public async Task Stream_IsWhole_WhateverStandsInItsRequest()
    {
        await using var hostile = await HostileServer.StartAsync(new ScriptedBackend(new IdSource()));
        foreach (var (path, samples) in Apis)
        {
            foreach (var (place, body) in samples.SelectMany(sample => Places.Sampled(Streaming(sample), step: 7)))
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new("application/json");
                using var reply = await hostile.Server.Http.PostAsync(new Uri(path, UriKind.Relative), content, Cancelled);
                var text = await reply.Content.ReadAsStringAsync(Cancelled);
                if (reply.Content.Headers.ContentType?.MediaType != "text/event-stream") continue;
                foreach (var line in text.Split('\n'))
                {
                    if (line.StartsWith("data: {", StringComparison.Ordinal))
                        hostile.Parsed(path, place, Encoding.UTF8.GetBytes(line[6..]));
                    else if (line.Length > 0 && line != "data: [DONE]" && !line.StartsWith("event: ", StringComparison.Ordinal))
                        hostile.Note($"{path} {place}: a line '{line}'");
                }
            }
        }
        await SendAsync(hostile, "/v1/responses", RequestSamples.Responses[0], []);
        hostile.AssertClean();
    }

    [Fact]
    public async Task Socket_AnswersEachFrameOnce_AndGoesOn()
    {
        await using var hostile = await HostileServer.StartAsync(new ScriptedBackend(new IdSource()));
        await using var socket = await hostile.Server.ConnectAsync();
        foreach (var sample in RequestSamples.Responses.Concat(RequestSamples.MoreResponses))
        {
            var frame = sample.TrimStart().Insert(1, "\"type\":\"response.create\",");
            foreach (var (place, body) in Places.Asked(frame.Replace("\"stream_id\":\"a\",", "", StringComparison.Ordinal), Fourth))
            {
                if (!System.Text.Unicode.Utf8.IsValid(body)) continue; // ends the connection, as the protocol has it
                await socket.SendAsync(body, System.Net.WebSockets.WebSocketMessageType.Text);
                string? type;
                do
                {
                    var text = await socket.ReceiveTextAsync() ?? throw new InvalidOperationException($"The server closed at {place}.");
                    var e = hostile.Parsed("socket", place, Encoding.UTF8.GetBytes(text));
                    type = e?.GetProperty("type").GetString();
                    if (type == "response.failed" || type == "error" && e?.GetProperty("status").GetInt32() >= 500)
                        hostile.Note($"socket {place}: {text}");
                }
                while (type is not ("response.completed" or "response.failed" or "response.incomplete" or "error" or null));
            }
        }
        var last = (await socket.AskAsync("""{"type":"response.create","input":"hi"}"""))[^1];
        Assert.Equal("response.completed", last.GetProperty("type").GetString());
        await SendAsync(hostile, "/v1/responses", RequestSamples.Responses[0], []);
        hostile.AssertClean();
    }

    [Fact]
    public async Task EmbeddedEngine_CountsAndAnswers_WhateverStandsInTheRequest()
    {
        var model = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        await using var hostile = await HostileServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "1", ["Engine:Threads"] = "1",
        });
        foreach (var sample in RequestSamples.Responses)
            await SendAsync(hostile, "/v1/responses/input_tokens", sample, Places.Asked(sample, step: 11));
        foreach (var sample in RequestSamples.Messages)
            await SendAsync(hostile, "/v1/messages/count_tokens", sample, Places.Asked(sample, step: 11));
        foreach (var sample in RequestSamples.Responses)
            await SendAsync(hostile, "/v1/responses", sample, Places.Sampled(sample, step: 101));
        foreach (var sample in RequestSamples.Chat)
            await SendAsync(hostile, "/v1/chat/completions", sample, Places.Sampled(sample, step: 101));
        hostile.AssertClean();
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task Upstream_IsSentWhatItCanRead_WhateverStandsInTheRequest(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var hostile = await HostileServer.StartAsync(null, upstream.Settings(kind));
        var taken = 0;
        foreach (var (path, samples) in Apis)
        {
            foreach (var sample in samples) // no kind of upstream takes all of them
            {
                if (await hostile.PostAsync(path, "as it is", Encoding.UTF8.GetBytes(sample)) is null) continue;
                taken++;
                await SendAsync(hostile, path, sample, Places.Sampled(sample, step: 23));
            }
        }
        Assert.InRange(taken, 5, 100);
        foreach (var request in upstream.Requests) hostile.Parsed(kind, "sent up", request.Body);
        hostile.AssertClean();
    }

    [Theory]
    [InlineData("x-samovar-session")]
    [InlineData("session_id")]
    [InlineData("x-samovar-thread")]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("authorization")]
    [InlineData("openai-beta")]
    [InlineData("anthropic-version")]
    [InlineData("content-encoding")]
    [InlineData("accept")]
    [InlineData("user-agent")]
    public async Task Header_IsReadOrRefused_WhateverStandsInIt(string name)
    {
        await using var hostile = await HostileServer.StartAsync(new ScriptedBackend(new IdSource()));
        string[] texts =
        [
            "\u00ff\u00fe", "\u00ed\u00a0\u00bd", "\u0085\u009b31m", "\t", "", ";;;,,,=", new string('x', 6000), "\u00f0\u009f\u0098",
            "Bearer \u00c0\u00af",
        ];
        foreach (var text in texts)
        {
            await using var client = await RawClient.ConnectAsync(hostile.Server);
            const string Body = """{"model":"m","input":"hi"}""";
            await client.SendAsync($"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{name}: {text}\r\n"
                + $"Content-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}");
            var answer = await client.ReadToEndAsync();
            if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) && !answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal))
                hostile.Note($"{name}: {text}: {answer}");
        }
        await SendAsync(hostile, "/v1/responses", RequestSamples.Responses[0], []);
        hostile.AssertClean();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The sample as it is has to be taken: else nothing that is put into it shows anything.</summary>
    private static async Task SendAsync(HostileServer hostile, string path, string sample, IEnumerable<(string Place, byte[] Body)> nasty)
    {
        if (await hostile.PostAsync(path, "as it is", Encoding.UTF8.GetBytes(sample)) is null)
            hostile.Note($"{path} refuses the sample {sample}");
        foreach (var (place, body) in nasty)
            if (await hostile.PostAsync(path, place, body) is { } answer && path == "/v1/responses")
                await hostile.ReadBackAsync(place, answer);
    }

    private static string Streaming(string sample) => sample.TrimStart().Insert(1, "\"stream\":true,");
}
