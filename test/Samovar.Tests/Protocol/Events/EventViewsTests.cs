using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Events;

/// <summary>What is seen of an event that was never written is what its JSON says.</summary>
public sealed class EventViewsTests
{
    private static readonly RawJson Logprobs = RawJson.Of("""[{"token":"a","logprob":-0.5}]""");
    private static readonly FunctionCallItem Call = ItemWriter.FunctionCall("fc_1", "call_1", "read", "{}", null, ItemStatus.Completed);

    public static TheoryData<string> Names => [.. Events().Select(e => EventNames.Of(e))];

    [Theory]
    [MemberData(nameof(Names))]
    public void View_SaysWhatTheWrittenEventSays(string name)
    {
        foreach (var e in Events().Where(e => EventNames.Of(e) == name))
        {
            var written = EventWriter.Write(e, 7, ResponseEventOptions.Default);
            Assert.True(EventReader.TryRead(written, ProtocolLimits.Default, out var read));
            var view = EventViews.Of(e, 7, ResponseEventOptions.Default);
            Assert.Equal((read.Type, read.SequenceNumber, read.ItemId, read.OutputIndex, read.ContentIndex, read.SummaryIndex, read.Delta),
                (view.Type, view.SequenceNumber, view.ItemId, view.OutputIndex, view.ContentIndex, view.SummaryIndex, view.Delta));
            Assert.Equal(read.Item?.Json, view.Item?.Json);
            if (read.Type.EndsWith("_text.delta", StringComparison.Ordinal) || read.Type == "response.output_text.done")
                Assert.Equal(read.Logprobs, view.Logprobs);
            if (!read.Type.StartsWith("response.content_part", StringComparison.Ordinal)) Assert.Equal(read.Whole, view.Whole);
            Assert.Equal(read.Annotation, view.Annotation);
            Assert.Equal(Seen(read.Response), Seen(view.Response));
        }
    }

    public static TheoryData<int> Diagnoses => [.. Enumerable.Range(0, Diagnostics.Length)];

    /// <summary>Another server's edge says why the cache was missed as this one's would.</summary>
    [Theory]
    [MemberData(nameof(Diagnoses))]
    public void WhatIsWrittenToBeTranslated_SaysWhyTheCacheWasMissed_InItsOwnWords(int at)
    {
        var running = Samples.Response() with { CacheDiagnostics = Diagnostics[at] };
        var form = new ResponseEventOptions { Snapshots = SnapshotKind.Translated };
        foreach (var e in (ResponseEvent[])[new ResponseEvent.Created(running),
            new ResponseEvent.Completed(running with { Status = ResponseStatus.Completed })])
        {
            Assert.True(EventReader.TryRead(EventWriter.Write(e, 0, form), ProtocolLimits.Default, out var read));
            Assert.Equal(Diagnostics[at], read.Response!.CacheDiagnostics);
        }
    }

    private static readonly CacheDiagnostics[] Diagnostics =
    [
        new CacheDiagnostics.Hit(), new CacheDiagnostics.ComparisonNotFound(), new CacheDiagnostics.Unavailable(),
        .. MissReasons.All.Select(static reason => new CacheDiagnostics.Miss(7, reason.Name, 3)),
        new CacheDiagnostics.Miss(7, MissReasons.Input, ReusableTokens: null) { IsOfSystem = true },
    ];

    private static object? Seen(ResponseView? response) => response is null ? null : (response.Id, response.Status, response.Model,
        response.CreatedAt, response.Output.Count, response.Usage, response.Error, (response.IncompleteReason, response.StopSequence,
            response.StopReason, response.ServiceTier, response.PreviousResponseId));

    private static List<ResponseEvent> Events()
    {
        var running = Samples.Response();
        var ended = running with { Status = ResponseStatus.Completed, Output = [Call], Usage = new Usage(5, 4, 3, 2) };
        return
        [
            new ResponseEvent.Created(running), new ResponseEvent.InProgress(running), new ResponseEvent.Completed(ended),
            new ResponseEvent.Incomplete(ended with { Status = ResponseStatus.Incomplete, IncompleteReason = "max_output_tokens" }),
            new ResponseEvent.Incomplete(ended with
            {
                Status = ResponseStatus.Incomplete, IncompleteReason = "max_output_tokens", StopReason = "pause_turn",
            }),
            new ResponseEvent.Failed(running with { Status = ResponseStatus.Failed, Error = new ResponseError("server_error", "no") }),
            new ResponseEvent.OutputItemAdded(1, Call.Json), new ResponseEvent.OutputItemDone(1, Call),
            new ResponseEvent.ContentPartAdded("msg_1", 0, 1, PartKind.OutputText),
            new ResponseEvent.ContentPartDone("msg_1", 0, 1, PartKind.Refusal, "no", default),
            new ResponseEvent.OutputTextDelta("msg_1", 0, 1, "a\u00e9", Logprobs),
            new ResponseEvent.OutputTextDelta("msg_1", 0, 1, "b", default),
            new ResponseEvent.OutputTextDone("msg_1", 0, 1, "ab", Logprobs),
            new ResponseEvent.RefusalDelta("msg_1", 0, 0, "no"), new ResponseEvent.RefusalDone("msg_1", 0, 0, "no"),
            new ResponseEvent.ReasoningTextDelta("rs_1", 0, 0, "hm"), new ResponseEvent.ReasoningTextDone("rs_1", 0, 0, "hm"),
            new ResponseEvent.ReasoningSummaryTextDelta("rs_1", 0, 2, "hm"), new ResponseEvent.ReasoningSummaryTextDone("rs_1", 0, 2, "hm"),
            new ResponseEvent.FunctionCallArgumentsDelta("fc_1", 1, "{"), new ResponseEvent.FunctionCallArgumentsDone("fc_1", 1, "{}"),
            new ResponseEvent.Carried("response.output_text.annotation.added", RawJson.Of(
                """{"item_id":"up","output_index":5,"content_index":1,"annotation_index":0,"annotation":{"type":"x"}}"""), 1, "msg_1"),
            new ResponseEvent.CustomToolCallInputDelta("ctc_1", 1, "x"), new ResponseEvent.CustomToolCallInputDone("ctc_1", 1, "xy"),
        ];
    }
}
