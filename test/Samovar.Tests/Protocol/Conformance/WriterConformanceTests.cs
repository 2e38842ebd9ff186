using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Conformance;

/// <summary>Everything the writers make passes the validator, whatever the request was.</summary>
public sealed class WriterConformanceTests
{
    // What the newest OpenAI SDK types as always there.
    private static readonly string[] NeededByOpenAI =
    [
        "id", "object", "created_at", "model", "output", "error", "incomplete_details", "instructions", "metadata", "parallel_tool_calls",
        "temperature", "top_p", "tool_choice", "tools",
    ];

    public static TheoryData<string> Requests => new(
        """{"model":"m","input":"hi"}""",
        """{"model":"m","input":"hi","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f"}}""",
        """{"model":"m","input":"hi","tools":[{"type":"function","name":"f","strict":false,"description":"d","parameters":{}}]}""",
        """{"model":"m","input":"hi","tool_choice":"required"}""",
        """{"model":"m","input":"hi","text":{"format":{"type":"json_schema","name":"n","schema":{}}},"reasoning":{"effort":"low"}}""",
        """{"model":"m","input":"hi","text":{"verbosity":"low"},"temperature":0,"max_output_tokens":16,"instructions":"i"}""",
        """{"model":"m","input":"hi","metadata":{"a":"b"}}""",
        Samples.Agents, Samples.Pi, Samples.Lane, Samples.AiSdk);

    [Theory]
    [MemberData(nameof(Requests))]
    public void Responses_OfEveryStatus_Pass(string request)
    {
        foreach (var status in Enum.GetValues<ResponseStatus>())
        {
            var json = Samples.Element(ResponseWriter.Bytes(Ended(status, request)));
            Assert.Empty(OpenResponsesSchema.Response(json));
            foreach (var name in NeededByOpenAI) Assert.True(json.TryGetProperty(name, out _), name);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Events_OfAWholeTurn_Pass(string request)
    {
        var options = new ResponseEventOptions { Reasoning = ReasoningNames.OpenResponses };
        var number = 0L;
        foreach (var e in Turn(request))
        {
            var json = EventWriter.Write(e, number++, options);
            Assert.Empty(OpenResponsesSchema.Event(Samples.Element(json)));
            Assert.Empty(OpenResponsesSchema.Event(Samples.Element(EventSplice.WithStreamId(json, "lane"))));
            if (e.IsTerminal) Assert.Empty(OpenResponsesSchema.Event(Samples.Element(EventSplice.WithOutput(json))));
        }
    }

    [Fact]
    public void Errors_OfEveryKind_Pass()
    {
        foreach (var kind in Samovar.Protocol.Errors.Errors.All)
        {
            var error = new ApiException(kind, ["a", "b", "c", "d"], "input", TimeSpan.FromSeconds(1));
            Assert.Empty(OpenResponsesSchema.Envelope(Samples.Element(ErrorBody.WebSocket(error, new LaneId("a")))));
            var body = Samples.Element(ErrorBody.Http(error)).GetProperty("error");
            foreach (var name in new[] { "message", "type", "param", "code" }) Assert.Equal(JsonValueKind.String,
                body.GetProperty(name).ValueKind);
        }
    }

    private static Response Ended(ResponseStatus status, string request) => Samples.Response(status, request) with
    {
        CompletedAt = Samples.Created,
        Output = [Message(ItemStatus.Completed), Reasoning(), Call(ItemStatus.Completed)],
        Error = status == ResponseStatus.Failed ? new ResponseError("server_error", "m") : null,
        IncompleteReason = status == ResponseStatus.Incomplete ? "max_output_tokens" : null,
        Usage = status == ResponseStatus.InProgress ? null : new Usage(1, 1, 1, 0),
        CacheDiagnostics = new CacheDiagnostics.Hit(),
    };

    private static MessageItem Message(ItemStatus status) => ItemWriter.Message(
        "msg_1", [new(PartKind.OutputText, "x", RawJson.Of("""[{"token":"x","logprob":-0.5,"bytes":[120],"top_logprobs":[]}]""")),
            new(PartKind.Refusal, "no")],
        "final_answer", status);

    private static ReasoningItem Reasoning() => ItemWriter.Reasoning("rs_1", ["s"], ["r"], "e", ItemStatus.Completed);
    private static FunctionCallItem Call(ItemStatus status) => ItemWriter.FunctionCall("fc_1", "call_1", "f", "{}", null, status);

    private static IEnumerable<ResponseEvent> Turn(string request)
    {
        var running = Samples.Response(ResponseStatus.InProgress, request);
        yield return new ResponseEvent.Created(running);
        yield return new ResponseEvent.InProgress(running);
        yield return new ResponseEvent.OutputItemAdded(0, ItemWriter.Message("msg_1", [], null, ItemStatus.InProgress).Json);
        yield return new ResponseEvent.ContentPartAdded("msg_1", 0, 0, PartKind.OutputText);
        yield return new ResponseEvent.OutputTextDelta("msg_1", 0, 0, "x", default);
        yield return new ResponseEvent.OutputTextDone("msg_1", 0, 0, "x", default);
        yield return new ResponseEvent.ContentPartDone("msg_1", 0, 0, PartKind.OutputText, "x", default);
        yield return new ResponseEvent.ContentPartAdded("msg_1", 0, 1, PartKind.Refusal);
        yield return new ResponseEvent.RefusalDelta("msg_1", 0, 1, "no");
        yield return new ResponseEvent.RefusalDone("msg_1", 0, 1, "no");
        yield return new ResponseEvent.ContentPartDone("msg_1", 0, 1, PartKind.Refusal, "no", default);
        yield return new ResponseEvent.OutputItemDone(0, Message(ItemStatus.Completed));
        yield return new ResponseEvent.OutputItemAdded(1, ItemWriter.Reasoning("rs_1", [], [], null, ItemStatus.InProgress).Json);
        yield return new ResponseEvent.ReasoningSummaryPartAdded("rs_1", 1, 0);
        yield return new ResponseEvent.ReasoningSummaryTextDelta("rs_1", 1, 0, "s");
        yield return new ResponseEvent.ReasoningSummaryTextDone("rs_1", 1, 0, "s");
        yield return new ResponseEvent.ReasoningSummaryPartDone("rs_1", 1, 0, "s");
        yield return new ResponseEvent.ContentPartAdded("rs_1", 1, 0, PartKind.ReasoningText);
        yield return new ResponseEvent.ReasoningTextDelta("rs_1", 1, 0, "r");
        yield return new ResponseEvent.ReasoningTextDone("rs_1", 1, 0, "r");
        yield return new ResponseEvent.ContentPartDone("rs_1", 1, 0, PartKind.ReasoningText, "r", default);
        yield return new ResponseEvent.OutputItemDone(1, Reasoning());
        yield return new ResponseEvent.OutputItemAdded(2,
            ItemWriter.FunctionCall("fc_1", "call_1", "f", "", null, ItemStatus.InProgress).Json);
        yield return new ResponseEvent.FunctionCallArgumentsDelta("fc_1", 2, "{}");
        yield return new ResponseEvent.FunctionCallArgumentsDone("fc_1", 2, "{}");
        yield return new ResponseEvent.OutputItemDone(2, Call(ItemStatus.Completed));
        yield return new ResponseEvent.Completed(Ended(ResponseStatus.Completed, request));
        yield return new ResponseEvent.Failed(Ended(ResponseStatus.Failed, request));
        yield return new ResponseEvent.Failed(Ended(ResponseStatus.Cancelled, request));
        yield return new ResponseEvent.Incomplete(Ended(ResponseStatus.Incomplete, request));
    }
}
