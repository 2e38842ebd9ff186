using System.Diagnostics;
using System.Text;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Sessions;

/// <summary>Whatever stands in the texts of a frame, it has one answer, and the lane goes on.</summary>
public sealed class HostileTextTests : IDisposable
{
    private readonly CoreHouse _house = new();

    private readonly ActivityListener _spans = new()
    {
        ShouldListenTo = source => source.Name == Spans.SourceName,
        Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public HostileTextTests() => ActivitySource.AddActivityListener(_spans);

    public static TheoryData<string, string> Frames()
    {
        string[] fields =
        [
            "previous_response_id", "prompt_cache_key", "safety_identifier", "user", "model", "instructions", "service_tier", "stream_id",
            "prompt_cache_retention", "truncation", "metadata.x", "client_metadata.x", "client_metadata.ws_request_header_traceparent",
            "client_metadata.ws_request_header_tracestate", "client_metadata.ws_request_header_traceparent.x",
            @"client_metadata.\ud83d_ws_request_header_traceparent", @"metadata.\ud83d", @"\ud83d",
        ];
        string[] texts =
        [
            @"\ud83d", @"00-\ud83d", @"\udc00\ud83d", @"\u0000", @"\u001b[31m\r\n", @"\u202e\u2028",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "long", "deep", "",
        ];
        var all = new TheoryData<string, string>();
        foreach (var field in fields)
            foreach (var text in texts)
                all.Add(field, text);
        return all;
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Frame_HasOneAnswer_AndTheNextOneRuns(string field, string text)
    {
        await using var session = _house.Sessions.Open(TenantId.Local);
        await AnswerAsync(session, Frame(field, text));
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Text("two"), Soon.Token)).Status);
        Assert.Equal(0, session.Queued);
        await session.DisposeAsync();
        Assert.Equal((0, 0L, 0), (_house.Sessions.Count, _house.Memory.Frames.Share.Bytes, _house.Pipeline.Running));
    }

    public void Dispose()
    {
        _spans.Dispose();
        _house.Dispose();
    }

    private static byte[] Frame(string field, string text)
    {
        var value = text switch
        {
            "long" => $"\"{new string('x', 1 << 20)}\"",
            "deep" => string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100)),
            _ => $"\"{text}\"",
        };
        foreach (var name in field.Split('.').Reverse().SkipLast(1)) value = $$"""{"{{name}}":{{value}}}""";
        return Encoding.UTF8.GetBytes($$"""
            {"type":"response.create","store":true,"input":"hi","{{field.Split('.')[0]}}":{{value}}}
            """);
    }

    private static async Task AnswerAsync(Session session, byte[] utf8)
    {
        try
        {
            var turn = session.Submit(ClientFrameReader.Read(utf8, ProtocolLimits.Default))!;
            var seen = await SeenEvents.ReadAsync(await Soon.In(turn.Began), Soon.Token);
            Assert.Equal(1, seen.Types.Count(type => type is "response.completed" or "response.failed"));
        }
        catch (ApiException error)
        {
            Assert.NotEqual(Errors.Internal, error.Kind);
        }
    }
}
