using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Protocol.Items;

public sealed class ItemWriterTests
{
    [Fact]
    public void Message_IsWritten_InProgressAndDone()
    {
        Samples.SameJson(
            """{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}""",
            ItemWriter.Message("msg_1", [], phase: null, ItemStatus.InProgress).Json.Utf8);
        var done = ItemWriter.Message(
            "msg_1", [new(PartKind.OutputText, "a\"ä😀"), new(PartKind.Refusal, "no"), new(PartKind.OutputText, "b", RawJson.Of("[{}]"))],
            "final_answer", ItemStatus.Incomplete);
        Samples.SameJson("""
            {"id":"msg_1","type":"message","status":"incomplete","role":"assistant","phase":"final_answer","content":[
              {"type":"output_text","text":"a\"ä😀","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"},
              {"type":"output_text","text":"b","annotations":[],"logprobs":[{}]}]}
            """, done.Json.Utf8);
        Assert.Equal([new ContentPart.Text("a\"ä😀"), new ContentPart.Refusal("no"), new ContentPart.Text("b")], done.Content);
    }

    [Fact]
    public void Calls_AreWritten()
    {
        Samples.SameJson(
            """{"id":"fc_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"f","arguments":""}""",
            ItemWriter.FunctionCall("fc_1", "call_1", "f", "", null, ItemStatus.InProgress).Json.Utf8);
        Samples.SameJson(
            """{"id":"ctc_1","type":"custom_tool_call","status":"completed","call_id":"call_1","name":"f","namespace":"n","input":"x"}""",
            ItemWriter.CustomToolCall("ctc_1", "call_1", "f", "x", "n", ItemStatus.Completed).Json.Utf8);
    }

    [Fact]
    public void Reasoning_LeavesOut_WhatIsNotThere()
    {
        Samples.SameJson(
            """{"id":"rs_1","type":"reasoning","status":"in_progress","summary":[]}""",
            ItemWriter.Reasoning("rs_1", [], [], null, ItemStatus.InProgress).Json.Utf8);
        Samples.SameJson("""
            {"id":"rs_1","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"s"}],
             "content":[{"type":"reasoning_text","text":"r"}],"encrypted_content":"e"}
            """, ItemWriter.Reasoning("rs_1", ["s"], ["r"], "e", ItemStatus.Completed).Json.Utf8);
    }

    [Fact]
    public void WrittenItems_ReadBack_AsTheyWere()
    {
        Item[] items =
        [
            ItemWriter.UserText("u\ud83d\ude00\n"),
            ItemWriter.Message("msg_1", [new(PartKind.OutputText, "a"), new(PartKind.Refusal, "b")], "commentary", ItemStatus.Completed),
            ItemWriter.FunctionCall("fc_1", "call_1", "f", "{\"a\":1}", "n", ItemStatus.Completed),
            ItemWriter.CustomToolCall("ctc_1", "call_1", "f", "*** Begin", null, ItemStatus.Completed),
            ItemWriter.Reasoning("rs_1", ["s"], ["r"], "e", ItemStatus.Completed),
        ];
        foreach (var item in items) Assert.Equivalent(item, ItemReader.Read(item.Json.Utf8, ProtocolLimits.Default), strict: true);
    }
}
