using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>The order of events is a contract with every client: whole sequences are compared.</summary>
public sealed class ResponseFoldTests
{
    private readonly List<ResponseEvent> _events = [];
    private readonly ResponseFold _fold;

    public ResponseFoldTests() => _fold = new ResponseFold(new SeededIds(), itemsMax: 4, _events.Add);

    [Fact]
    public void Message_IsReported_PartByPart()
    {
        Fold(
            new BackendEvent.MessageStarted("msg_1", "final_answer"), new BackendEvent.Delta("He"), new BackendEvent.Delta("llo"),
            new BackendEvent.ItemDone(), Finished());
        Assert.Equal(
            [
                """added 0 {"id":"msg_1","type":"message","status":"in_progress","role":"assistant","phase":"final_answer","content":[]}""",
                "part+ msg_1 0.0 OutputText", "text msg_1 0.0 He", "text msg_1 0.0 llo", "text. msg_1 0.0 Hello",
                    "part- msg_1 0.0 OutputText Hello",
                """done 0 {"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":""" +
                """[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]}""",
            ],
            Seen());
        var message = Assert.IsType<MessageItem>(Assert.Single(_fold.Output));
        Assert.Equal([new ContentPart.Text("Hello")], message.Content);
    }

    [Fact]
    public void Calls_AreReported_WithGrowingArguments()
    {
        Fold(
            new BackendEvent.FunctionCallStarted("f", "call_1", "space", "fc_1"), new BackendEvent.Delta("{\"a\""),
                new BackendEvent.Delta(":1}"),
            new BackendEvent.ItemDone(), new BackendEvent.CustomCallStarted("c", "call_2", null, "ctc_1"), new BackendEvent.Delta("x"),
            new BackendEvent.ItemDone(), Finished());
        Assert.Equal(
            [
                """added 0 {"id":"fc_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"f",""" +
                """ "namespace":"space","arguments":""}""".TrimStart(),
                """args fc_1 0 {"a" """.TrimEnd(), "args fc_1 0 :1}", """args. fc_1 0 {"a":1}""",
                """done 0 {"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"f",""" +
                """ "namespace":"space","arguments":"{\"a\":1}"}""".TrimStart(),
                """added 1 {"id":"ctc_1","type":"custom_tool_call","status":"in_progress","call_id":"call_2","name":"c","input":""}""",
                "input ctc_1 1 x", "input. ctc_1 1 x",
                """done 1 {"id":"ctc_1","type":"custom_tool_call","status":"completed","call_id":"call_2","name":"c","input":"x"}""",
            ],
            Seen());
    }

    [Fact]
    public void Reasoning_IsReported_SummariesAndTextsEachInTheirParts()
    {
        Fold(
            new BackendEvent.ReasoningStarted("rs_1"), new BackendEvent.SummaryDelta("s", 0), new BackendEvent.SummaryDelta("0", 0),
            new BackendEvent.SummaryDelta("s1", 1), new BackendEvent.Delta("deep"), new BackendEvent.ItemDone(), Finished());
        Assert.Equal(
            [
                """added 0 {"id":"rs_1","type":"reasoning","status":"in_progress","summary":[]}""",
                "sum+ rs_1 0.0", "sum rs_1 0.0 s", "sum rs_1 0.0 0", "sum. rs_1 0.0 s0", "sum- rs_1 0.0 s0",
                "sum+ rs_1 0.1", "sum rs_1 0.1 s1", "sum. rs_1 0.1 s1", "sum- rs_1 0.1 s1",
                "part+ rs_1 0.0 ReasoningText", "think rs_1 0.0 deep", "think. rs_1 0.0 deep", "part- rs_1 0.0 ReasoningText deep",
                """done 0 {"id":"rs_1","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"s0"},""" +
                """{"type":"summary_text","text":"s1"}],"content":[{"type":"reasoning_text","text":"deep"}]}""",
            ],
            Seen());
    }

    [Fact]
    public void Refusal_IsAPartOfItsOwn()
    {
        Fold(
            new BackendEvent.MessageStarted("msg_1"), new BackendEvent.Delta("Hm. "), new BackendEvent.RefusalDelta("No"),
                new BackendEvent.RefusalDelta("."),
            new BackendEvent.ItemDone(), Finished());
        Assert.Equal(
            [
                "part+ msg_1 0.0 OutputText", "text msg_1 0.0 Hm. ", "text. msg_1 0.0 Hm. ", "part- msg_1 0.0 OutputText Hm. ",
                "part+ msg_1 0.1 Refusal", "refuse msg_1 0.1 No", "refuse msg_1 0.1 .", "refuse. msg_1 0.1 No.",
                    "part- msg_1 0.1 Refusal No.",
            ],
            Seen()[1..^1]);
        Assert.Equal([new ContentPart.Text("Hm. "), new ContentPart.Refusal("No.")], Assert.IsType<MessageItem>(_fold.Output[0]).Content);
    }

    [Fact]
    public void MessageThatOnlyRefuses_HasNoEmptyTextBehindIt()
    {
        Fold(new BackendEvent.MessageStarted("msg_1"), new BackendEvent.RefusalDelta("No."), new BackendEvent.ItemDone(), Finished());
        Assert.Equal(
            ["part+ msg_1 0.0 Refusal", "refuse msg_1 0.0 No.", "refuse. msg_1 0.0 No.", "part- msg_1 0.0 Refusal No."], Seen()[1..^1]);
        Assert.Equal([new ContentPart.Refusal("No.")], Assert.IsType<MessageItem>(Assert.Single(_fold.Output)).Content);
    }

    [Fact]
    public void SilentMessage_HasAnEmptyPart()
    {
        Fold(new BackendEvent.MessageStarted("msg_1"), new BackendEvent.ItemDone(), Finished());
        Assert.Equal(["part+ msg_1 0.0 OutputText", "text. msg_1 0.0 ", "part- msg_1 0.0 OutputText "], Seen()[1..^1]);
    }

    [Theory]
    [InlineData("max_output_tokens", "incomplete")]
    [InlineData(null, "completed")]
    public void ItemLeftOpen_EndsAsTheTurnDoes(string? reason, string status)
    {
        Fold(new BackendEvent.FunctionCallStarted("f", "call_1"), new BackendEvent.Delta("{"), Finished(reason));
        var done = Assert.IsType<ResponseEvent.OutputItemDone>(_events[^1]);
        using var item = JsonDocument.Parse(done.Item.Json.Utf8);
        Assert.Equal(status, item.RootElement.GetProperty("status").GetString());
        Assert.Equal("{", item.RootElement.GetProperty("arguments").GetString());
    }

    [Fact]
    public void Logprobs_AreJoined_OverTheDeltasOfAPart()
    {
        Fold(
            new BackendEvent.MessageStarted(), new BackendEvent.Delta("a", RawJson.Of("""[{"token":"a"}]""")), new BackendEvent.Delta("b"),
            new BackendEvent.Delta("c", RawJson.Of(""" [ {"token":"c"} ] """)), new BackendEvent.ItemDone());
        Assert.Equal("""[{"token":"a"},{"token":"c"}]""", _events.OfType<ResponseEvent.OutputTextDone>().Single().Logprobs.ToString());
        Assert.Equal("""[{"token":"a"},{"token":"c"}]""", _events.OfType<ResponseEvent.ContentPartDone>().Single().Logprobs.ToString());
    }

    [Fact]
    public void Annotations_AreReported_AndStandWithTheirPart()
    {
        const string one = """{"type":"url_citation","url":"a", "title":"é"}""", two = """{"type":"file_citation","index":5}""";
        Fold(
            new BackendEvent.MessageStarted("msg_1"), new BackendEvent.Annotation(RawJson.Of(one)), new BackendEvent.Delta("Hello"),
            new BackendEvent.Annotation(RawJson.Of(two)), new BackendEvent.RefusalDelta("no"), new BackendEvent.ItemDone());
        Assert.Equal(["part+ msg_1 0.0 OutputText", "carried response.output_text.annotation.added",
            "text msg_1 0.0 Hello"], Seen()[1..4]);
        Assert.Equal(
            [
                """{"item_id":"msg_1","output_index":0,"content_index":0,"annotation_index":0,"annotation":""" + one + "}",
                """{"item_id":"msg_1","output_index":0,"content_index":0,"annotation_index":1,"annotation":""" + two + "}",
            ],
            _events.OfType<ResponseEvent.Carried>().Select(e => e.Json.ToString()));
        Assert.Equal([$"[{one},{two}]", ""], _events.OfType<ResponseEvent.ContentPartDone>().Select(e => e.Annotations.ToString()));
        Assert.Contains(
            $$"""{"type":"output_text","text":"Hello","annotations":[{{one}},{{two}}],"logprobs":[]},{"type":"refusal","refusal":"no"}""",
            _fold.Output[0].Json.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("")]
    public void AnnotationThatIsNone_IsPassedOver(string json)
    {
        Fold(new BackendEvent.MessageStarted("msg_1"), new BackendEvent.Annotation(RawJson.Of(json)), new BackendEvent.ItemDone());
        Assert.Empty(_events.OfType<ResponseEvent.Carried>());
        Assert.True(_events.OfType<ResponseEvent.ContentPartDone>().Single().Annotations.IsEmpty);
    }

    [Fact]
    public void AnnotationThatIsCarried_StandsWithItsPart()
    {
        Fold(
            new BackendEvent.MessageStarted("msg_1"), new BackendEvent.Delta("a"),
            new BackendEvent.CarriedEvent("response.output_text.annotation.added", RawJson.Of("""{"annotation":{"type":"x"}}""")),
            new BackendEvent.ItemDone());
        Assert.Equal("""[{"type":"x"}]""", _events.OfType<ResponseEvent.ContentPartDone>().Single().Annotations.ToString());
    }

    [Fact]
    public void CarriedItemsAndEvents_GoOnAsTheyCame()
    {
        const string item = """{"type":"web_search_call","id":"ws_1","status":"completed","odd":1}""";
        Fold(new BackendEvent.CarriedEvent("response.web_search_call.searching", RawJson.Of("{}")),
            new BackendEvent.CarriedItem(RawJson.Of(item)));
        Assert.Equal(["carried response.web_search_call.searching", $"added 0 {item}", $"done 0 {item}"], Seen());
        Assert.Equal(item, Assert.Single(_fold.Output).Json.ToString());
    }

    [Fact]
    public void CarriedItem_ReportsItsProgress_UnderItsOwnNameAndPlace()
    {
        const string begun = """{"type":"web_search_call","id":"ws_1","status":"in_progress"}""";
        const string whole = """{"type":"web_search_call","id":"ws_1","status":"completed"}""";
        Fold(new BackendEvent.MessageStarted(), new BackendEvent.ItemDone());
        _events.Clear();
        Fold(new BackendEvent.CarriedStarted("ws_1", RawJson.Of(begun)),
            new BackendEvent.CarriedEvent("response.web_search_call.searching", RawJson.Of("""{"output_index":7,"item_id":"other"}""")),
            new BackendEvent.ItemDone(RawJson.Of(whole)));
        Assert.Equal([$"added 1 {begun}", "carried response.web_search_call.searching", $"done 1 {whole}"], Seen());
        Assert.Equal("""{"type":"response.web_search_call.searching","sequence_number":5,"output_index":1,"item_id":"ws_1"}""",
            Encoding.UTF8.GetString(EventWriter.Write(_events[1], 5, ResponseEventOptions.Default).Span));
    }

    [Fact]
    public void UpstreamsOwnFinalItem_IsKeptByteForByte()
    {
        const string whole = """{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}""";
        Fold(new BackendEvent.ReasoningStarted("rs_1"), new BackendEvent.ItemDone(RawJson.Of(whole)));
        Assert.Equal($"done 0 {whole}", Seen()[^1]);
        Assert.Equal("gAAA", Assert.IsType<ReasoningItem>(_fold.Output[0]).EncryptedContent);
    }

    [Fact]
    public void MessageThatIsReadAlready_IsNotReadAgain_AndItsTextIsKeptOnce()
    {
        const string whole = """{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"Hello"}]}""";
        var item = Assert.IsType<MessageItem>(ItemReader.Read(Encoding.UTF8.GetBytes(whole), ProtocolLimits.Peer));
        Fold(new BackendEvent.MessageStarted("m"), new BackendEvent.Delta("Hel"), new BackendEvent.Delta("lo"),
            new BackendEvent.ItemDone(item.Json) { Item = item });
        Assert.Same(item, Assert.Single(_fold.Output));
        var said = Assert.IsType<ContentPart.Text>(item.Content[0]).Value;
        Assert.Same(said, Assert.Single(_events.OfType<ResponseEvent.OutputTextDone>()).Text);
        Assert.Same(said, Assert.Single(_events.OfType<ResponseEvent.ContentPartDone>()).Text);
    }

    [Fact]
    public void PiecesOfTexts_GoElsewhere_WhereNobodyGetsTheirEvents()
    {
        var pieces = new List<string>();
        var fold = new ResponseFold(new SeededIds(), itemsMax: 4, _events.Add, (text, _) => pieces.Add(text));
        foreach (var e in (BackendEvent[])[new BackendEvent.MessageStarted("m"), new BackendEvent.Delta("Hel"),
            new BackendEvent.Delta("lo"), new BackendEvent.ItemDone()]) fold.Add(e);
        Assert.Equal(["Hel", "lo"], pieces);
        Assert.Empty(_events.OfType<ResponseEvent.OutputTextDelta>());
        Assert.Equal([new ContentPart.Text("Hello")], Assert.IsType<MessageItem>(Assert.Single(fold.Output)).Content);
    }

    [Fact]
    public void Names_AreMade_WhereTheBackendGivesNone()
    {
        Fold(new BackendEvent.FunctionCallStarted("f"), new BackendEvent.ItemDone(), new BackendEvent.MessageStarted(),
            new BackendEvent.ItemDone());
        var call = Assert.IsType<FunctionCallItem>(_fold.Output[0]);
        Assert.StartsWith("fc_", call.Id, StringComparison.Ordinal);
        Assert.StartsWith("call_", call.CallId, StringComparison.Ordinal);
        Assert.StartsWith("msg_", _fold.Output[1].Id, StringComparison.Ordinal);
    }

    [Fact]
    public void BackendThatBreaksTheOrder_IsFoundOut()
    {
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.Delta("x")));
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.ItemDone()));
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.Accepted("m")));
        Fold(new BackendEvent.FunctionCallStarted("f"));
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.MessageStarted()));
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.SummaryDelta("x")));
        Assert.Throws<InvalidOperationException>(() => Fold(new BackendEvent.RefusalDelta("x")));
    }

    [Fact]
    public void Items_AreBounded()
    {
        for (var i = 0; i < 4; i++) Fold(new BackendEvent.MessageStarted(), new BackendEvent.ItemDone());
        var error = Assert.Throws<ApiException>(() => Fold(new BackendEvent.MessageStarted()));
        Assert.Equal(Errors.ResponseTooLarge, error.Kind);
    }

    private void Fold(params BackendEvent[] events)
    {
        foreach (var e in events) _fold.Add(e);
    }

    private static BackendEvent.Finished Finished(string? reason = null) => new(Usage.Zero, reason);

    private List<string> Seen() => [.. _events.Select(e => e switch
    {
        ResponseEvent.OutputItemAdded d => $"added {d.OutputIndex} {d.Item}",
        ResponseEvent.OutputItemDone d => $"done {d.OutputIndex} {d.Item.Json}",
        ResponseEvent.ContentPartAdded d => $"part+ {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Kind}",
        ResponseEvent.ContentPartDone d => $"part- {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Kind} {d.Text}",
        ResponseEvent.OutputTextDelta d => $"text {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Delta}",
        ResponseEvent.OutputTextDone d => $"text. {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Text}",
        ResponseEvent.RefusalDelta d => $"refuse {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Delta}",
        ResponseEvent.RefusalDone d => $"refuse. {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Refusal}",
        ResponseEvent.FunctionCallArgumentsDelta d => $"args {d.ItemId} {d.OutputIndex} {d.Delta}",
        ResponseEvent.FunctionCallArgumentsDone d => $"args. {d.ItemId} {d.OutputIndex} {d.Arguments}",
        ResponseEvent.CustomToolCallInputDelta d => $"input {d.ItemId} {d.OutputIndex} {d.Delta}",
        ResponseEvent.CustomToolCallInputDone d => $"input. {d.ItemId} {d.OutputIndex} {d.Input}",
        ResponseEvent.ReasoningTextDelta d => $"think {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Delta}",
        ResponseEvent.ReasoningTextDone d => $"think. {d.ItemId} {d.OutputIndex}.{d.ContentIndex} {d.Text}",
        ResponseEvent.ReasoningSummaryPartAdded d => $"sum+ {d.ItemId} {d.OutputIndex}.{d.SummaryIndex}",
        ResponseEvent.ReasoningSummaryTextDelta d => $"sum {d.ItemId} {d.OutputIndex}.{d.SummaryIndex} {d.Delta}",
        ResponseEvent.ReasoningSummaryTextDone d => $"sum. {d.ItemId} {d.OutputIndex}.{d.SummaryIndex} {d.Text}",
        ResponseEvent.ReasoningSummaryPartDone d => $"sum- {d.ItemId} {d.OutputIndex}.{d.SummaryIndex} {d.Text}",
        ResponseEvent.Carried d => $"carried {d.Type}",
        _ => e.GetType().Name,
    })];
}
