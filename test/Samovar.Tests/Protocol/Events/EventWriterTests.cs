using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Tests.Protocol.Responses;

namespace Samovar.Tests.Protocol.Events;

public sealed class EventWriterTests
{
    private static readonly Response Running = Samples.Response();

    [Fact]
    public void TextTurn_IsTheReferences()
    {
        var item = ItemWriter.Message("msg_1", [new(PartKind.OutputText, "Hello")], null, ItemStatus.Completed);
        var done = Running with { Status = ResponseStatus.Completed, CompletedAt = Samples.Created, Output = [item], Usage = Usage.Zero };
        const string itemDone = """
            {"id":"msg_1","type":"message","status":"completed","role":"assistant",
             "content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]}
            """;
        var final = ResponseWriterTests.Minimal
            .Replace("\"completed_at\":null", "\"completed_at\":1764967971", StringComparison.Ordinal)
            .Replace("in_progress", "completed", StringComparison.Ordinal)
            .Replace("\"output\":[]", $"\"output\":[{itemDone}]", StringComparison.Ordinal)
            .Replace("\"usage\":null", """
                "usage":{"input_tokens":0,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},
                         "output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}
                """, StringComparison.Ordinal);
        const string place = "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0";
        (ResponseEvent Event, string Json)[] turn =
        [
            (new ResponseEvent.Created(Running),
                $$"""{"type":"response.created","sequence_number":0,"response":{{ResponseWriterTests.Minimal}}}"""),
            (new ResponseEvent.InProgress(Running),
                $$"""{"type":"response.in_progress","sequence_number":1,"response":{{ResponseWriterTests.Minimal}}}"""),
            (new ResponseEvent.OutputItemAdded(0, ItemWriter.Message("msg_1", [], null, ItemStatus.InProgress).Json),
                """
                {"type":"response.output_item.added","sequence_number":2,"output_index":0,
                   "item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
                """),
            (new ResponseEvent.ContentPartAdded("msg_1", 0, 0, PartKind.OutputText),
                $$"""
                {"type":"response.content_part.added","sequence_number":3,{{place}},
                 "part":{"type":"output_text","text":"","annotations":[],"logprobs":[]} }
                """),
            (new ResponseEvent.OutputTextDelta("msg_1", 0, 0, "He", default),
                $$"""{"type":"response.output_text.delta","sequence_number":4,{{place}},"delta":"He","logprobs":[]}"""),
            (new ResponseEvent.OutputTextDone("msg_1", 0, 0, "Hello", default),
                $$"""{"type":"response.output_text.done","sequence_number":5,{{place}},"text":"Hello","logprobs":[]}"""),
            (new ResponseEvent.ContentPartDone("msg_1", 0, 0, PartKind.OutputText, "Hello", default),
                $$"""
                {"type":"response.content_part.done","sequence_number":6,{{place}},
                 "part":{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]} }
                """),
            (new ResponseEvent.OutputItemDone(0, item),
                $$"""{"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{{itemDone}}}"""),
            (new ResponseEvent.Completed(done), $$"""{"type":"response.completed","sequence_number":8,"response":{{final}}}"""),
        ];
        for (var i = 0; i < turn.Length; i++) Samples.SameJson(turn[i].Json,
            EventWriter.Write(turn[i].Event, i, ResponseEventOptions.Default));
    }

    public static TheoryData<ResponseEvent, string, string> Others => new()
    {
        { new ResponseEvent.FunctionCallArgumentsDelta("fc", 1, "{"), "response.function_call_arguments.delta",
            """ "item_id":"fc","output_index":1,"delta":"{" """ },
        { new ResponseEvent.FunctionCallArgumentsDone("fc", 1, "{}"), "response.function_call_arguments.done",
            """ "item_id":"fc","output_index":1,"arguments":"{}" """ },
        { new ResponseEvent.FunctionCallArgumentsDone("fc", 1, "{}", "look"), "response.function_call_arguments.done",
            """ "item_id":"fc","output_index":1,"name":"look","arguments":"{}" """ },
        { new ResponseEvent.CustomToolCallInputDelta("c", 1, "x"), "response.custom_tool_call_input.delta",
            """ "item_id":"c","output_index":1,"delta":"x" """ },
        { new ResponseEvent.CustomToolCallInputDone("c", 1, "x"), "response.custom_tool_call_input.done",
            """ "item_id":"c","output_index":1,"input":"x" """ },
        { new ResponseEvent.ReasoningTextDelta("r", 1, 2, "x"), "response.reasoning_text.delta",
            """ "item_id":"r","output_index":1,"content_index":2,"delta":"x" """ },
        { new ResponseEvent.ReasoningTextDone("r", 1, 2, "x"), "response.reasoning_text.done",
            """ "item_id":"r","output_index":1,"content_index":2,"text":"x" """ },
        { new ResponseEvent.ReasoningSummaryPartAdded("r", 1, 2), "response.reasoning_summary_part.added",
            """ "item_id":"r","output_index":1,"summary_index":2,"part":{"type":"summary_text","text":""} """ },
        { new ResponseEvent.ReasoningSummaryTextDelta("r", 1, 2, "x"), "response.reasoning_summary_text.delta",
            """ "item_id":"r","output_index":1,"summary_index":2,"delta":"x" """ },
        { new ResponseEvent.ReasoningSummaryTextDone("r", 1, 2, "x"), "response.reasoning_summary_text.done",
            """ "item_id":"r","output_index":1,"summary_index":2,"text":"x" """ },
        { new ResponseEvent.ReasoningSummaryPartDone("r", 1, 2, "x"), "response.reasoning_summary_part.done",
            """ "item_id":"r","output_index":1,"summary_index":2,"part":{"type":"summary_text","text":"x"} """ },
        { new ResponseEvent.RefusalDelta("m", 1, 2, "x"), "response.refusal.delta",
            """ "item_id":"m","output_index":1,"content_index":2,"delta":"x" """ },
        { new ResponseEvent.RefusalDone("m", 1, 2, "x"), "response.refusal.done",
            """ "item_id":"m","output_index":1,"content_index":2,"refusal":"x" """ },
        { new ResponseEvent.ContentPartAdded("m", 1, 2, PartKind.Refusal), "response.content_part.added",
            """ "item_id":"m","output_index":1,"content_index":2,"part":{"type":"refusal","refusal":""} """ },
        { new ResponseEvent.ContentPartDone("m", 1, 2, PartKind.ReasoningText, "x", default), "response.content_part.done",
            """ "item_id":"m","output_index":1,"content_index":2,"part":{"type":"reasoning_text","text":"x"} """ },
        { new ResponseEvent.Carried("response.mcp_call.completed",
            RawJson.Of("""{"sequence_number":1,"item_id":"i","type":"x","stream_id":"l","n":[1]}""")), "response.mcp_call.completed",
            """ "item_id":"i","n":[1] """ },
        { new ResponseEvent.OutputTextDelta("m", 0, 0, "\"\\\n\u0001ä😀\ud83d",
            RawJson.Of("[{\"token\":\"a\"}]")), "response.output_text.delta",
            """ "item_id":"m","output_index":0,"content_index":0,"delta":"\"\\\n\u0001ä😀\uFFFD","logprobs":[{"token":"a"}] """ },
    };

    [Theory]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void Event_IsWritten_WithTypeFirst(ResponseEvent e, string type, string rest)
    {
        var json = EventWriter.Write(e, 9, ResponseEventOptions.Default);
        Samples.SameJson($"{{\"type\":\"{type}\",\"sequence_number\":9,{rest}}}", json);
        Assert.StartsWith($"{{\"type\":\"{type}\",\"sequence_number\":9", Encoding.UTF8.GetString(json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void OpenResponses_NamesRawReasoning_ItsOwnWay()
    {
        var options = new ResponseEventOptions { Reasoning = ReasoningNames.OpenResponses };
        Assert.Equal("response.reasoning.delta", EventNames.Of(new ResponseEvent.ReasoningTextDelta("r", 0, 0, "x"), options));
        Assert.Equal("response.reasoning.done", EventNames.Of(new ResponseEvent.ReasoningTextDone("r", 0, 0, "x"), options));
        var json = EventWriter.Write(new ResponseEvent.ReasoningTextDelta("r", 0, 0, "x"), 0, options);
        Assert.Equal("response.reasoning.delta", Samples.Element(json).GetProperty("type").GetString());
    }

    [Fact]
    public void SlimSnapshots_AreOnly_OfTheFirstEvents()
    {
        var response = Samples.Response(request: """{"model":"m","input":"x","instructions":"long"}""");
        var options = new ResponseEventOptions { Snapshots = SnapshotKind.Slim };
        Assert.Null(Instructions(new ResponseEvent.Created(response)));
        Assert.Null(Instructions(new ResponseEvent.InProgress(response)));
        Assert.Equal("long", Instructions(new ResponseEvent.Completed(response)));
        Assert.Equal("long", Instructions(new ResponseEvent.Failed(response)));
        Assert.Equal("long", Instructions(new ResponseEvent.Incomplete(response)));
        string? Instructions(ResponseEvent e) =>
            Samples.Element(EventWriter.Write(e, 0, options)).GetProperty("response").GetProperty("instructions").GetString();
    }

    [Fact]
    public void Delta_AllocatesItsBytes_AndNothingElse()
    {
        var delta = new ResponseEvent.OutputTextDelta("msg_0123456789", 0, 0, " token", default);
        var length = EventWriter.Write(delta, 1000, ResponseEventOptions.Default).Length;
        const int count = 1000;
        var each = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < count; i++) EventWriter.Write(delta, 1000, ResponseEventOptions.Default);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        });
        Assert.InRange(each, length, length + 40); // an array's head and its rounding
    }
}
