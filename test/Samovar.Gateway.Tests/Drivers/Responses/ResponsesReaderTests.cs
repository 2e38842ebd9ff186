using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Responses;

/// <summary>Whatever an upstream leaves out of its events, the same items come out.</summary>
public sealed class ResponsesReaderTests
{
    private const string Message = """{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":""" +
        """[{"type":"output_text","text":"Hello","annotations":[]}]}""";
    private const string Call =
        """{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"read","arguments":"{}","extra":7}""";

    private static readonly string[] Full =
    [
        """{"type":"response.created","response":{"id":"resp_up","model":"big"}}""",
        """{"type":"response.in_progress","response":{"id":"resp_up","model":"big"}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}}""",
        """{"type":"response.content_part.added","output_index":0,"item_id":"msg_1","content_index":0,"part":{}}""",
        """{"type":"response.output_text.delta","output_index":0,"item_id":"msg_1","content_index":0,"delta":"Hel"}""",
        """{"type":"response.output_text.delta","output_index":0,"item_id":"msg_1","content_index":0,"delta":"lo"}""",
        $$"""{"type":"response.output_item.done","output_index":0,"item":{{Message}}}""",
        """{"type":"response.output_item.added","output_index":1,"item":""" +
            """{"id":"fc_1","type":"function_call","call_id":"call_1","name":"read","arguments":""}}""",
        """{"type":"response.function_call_arguments.delta","output_index":1,"item_id":"fc_1","delta":"{}"}""",
        $$"""{"type":"response.output_item.done","output_index":1,"item":{{Call}}}""",
        $$$$$"""{"type":"response.completed","response":{"id":"resp_up","model":"big","status":"completed","output":""" +
            $$$$$"""[{{{{{Message}}}}},{{{{{Call}}}}}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":8}""" +
            $$$$$""","output_tokens":2,"output_tokens_details":{"reasoning_tokens":1}}}}""",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("created,in_progress")]
    [InlineData("added")]
    [InlineData("delta")]
    [InlineData("item.done")]
    [InlineData("added,delta")]
    [InlineData("added,delta,item.done")]
    [InlineData("created,in_progress,added,delta,item.done,part")]
    public void SparseStreams_GiveTheSameItems(string left)
    {
        var omitted = left.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var (reader, events) = Read(Full.Where(json => !omitted.Any(part => TypeOf(json).Contains(part, StringComparison.Ordinal))));

        var items = new ItemFold(new IdSource()).Fold(events);
        Assert.Equal([Message, Call], items.Select(item => item.Json.ToString()));
        Assert.Equal("Hello{}", string.Concat(events.OfType<BackendEvent.Delta>().Select(delta => delta.Text)));
        Assert.Equal(omitted.Contains("created", StringComparer.Ordinal) && omitted.Length < 5 ? "m" : "big",
            Assert.Single(events.OfType<BackendEvent.Accepted>()).Model);
        Assert.Equal((10, 8, 2, 1),
            (reader.Usage!.InputTokens, reader.Usage.CachedTokens, reader.Usage.OutputTokens, reader.Usage.ReasoningTokens));
        Assert.Equal(("resp_up", true), (reader.ResponseId, reader.IsEnded));
    }

    [Fact]
    public void TwoItemsAtOnce_ComeOutOneAfterAnother()
    {
        string[] mixed = [Full[0], Full[2], Full[7], Full[4], Full[8], Full[5], Full[9], Full[6], Full[10]];
        var items = new ItemFold(new IdSource()).Fold(Read(mixed).Events);
        Assert.Equal([Message, Call], items.Select(item => item.Json.ToString()));
    }

    [Theory]
    [InlineData("""{"type":"error","status":400,"error":{"code":"previous_response_not_found","message":"x"}}""", "ParentLost")]
    [InlineData("""{"type":"error","code":"rate_limit_exceeded","message":"x"}""", "RateLimited")]
    [InlineData("""{"error":{"message":"Unauthorized","type":"authentication_error"}}""", "Unauthorized")]
    [InlineData("""{"type":"response.failed","response":{"error":{"code":"server_error","message":"x"}}}""", "Server")]
    [InlineData("""{"type":"response.failed","response":{"error":{"code":"context_length_exceeded","message":"x"}}}""", "Refused")]
    [InlineData("""{"type":"error","status":404,"error":{"message":"Previous response with id 'r' not found."}}""", "ParentLost")]
    public void Errors_OfAllShapes_AreUnderstood(string json, string kind) =>
        Assert.Equal(kind, Assert.Throws<UpstreamException>(() => Read([json])).Fault.Kind.ToString());

    private static (ResponsesReader Reader, List<BackendEvent> Events) Read(IEnumerable<string> events)
    {
        var reader = new ResponsesReader(Calls.Of("responses-http"), new UpstreamOptions(), new IdSource());
        var seen = new List<BackendEvent>();
        foreach (var json in events) reader.Read(RawJson.Of(json), seen);
        return (reader, seen);
    }

    private static string TypeOf(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("type").GetString()!;
}
