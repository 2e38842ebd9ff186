using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Events;

public sealed class EventReaderTests
{
    [Fact]
    public void WrittenEvents_ReadBack()
    {
        var delta = Read(EventWriter.Write(new ResponseEvent.OutputTextDelta("msg_1", 2, 3, "hi", RawJson.Of("[{}]")), 7,
            ResponseEventOptions.Default));
        Assert.True(delta is { Type: "response.output_text.delta", SequenceNumber: 7, ItemId: "msg_1", OutputIndex: 2, ContentIndex: 3,
            Delta: "hi" });
        Assert.Equal("[{}]", delta.Logprobs.ToString());
        var call = ItemWriter.FunctionCall("fc_1", "call_1", "f", "{}", null, ItemStatus.Completed);
        var done = Read(EventSplice.WithStreamId(EventWriter.Write(new ResponseEvent.OutputItemDone(1, call), 8,
            ResponseEventOptions.Default), "lane"));
        Assert.Equal(("lane", call.Json, 1), (done.StreamId, Assert.IsType<FunctionCallItem>(done.Item).Json, done.OutputIndex));
        var response = Samples.Response(ResponseStatus.Completed) with { Usage = new Usage(5, 4, 3, 2), Output = [call] };
        var end = Read(EventWriter.Write(new ResponseEvent.Completed(response), 9, ResponseEventOptions.Default));
        Assert.True(end is { IsTerminal: true, Response: { Status: ResponseStatus.Completed, HasOutput: true, Output.Count: 1 } });
        Assert.Equal((response.Id, response.Usage), (end.Response!.Id!.Value, end.Response.Usage));
        Assert.Equal("x", Read(EventWriter.Write(new ResponseEvent.CustomToolCallInputDone("c", 0, "x"), 0,
            ResponseEventOptions.Default)).Whole);
        Assert.Equal(2, Read(EventWriter.Write(new ResponseEvent.ReasoningSummaryTextDelta("r", 0, 2, "x"), 0,
            ResponseEventOptions.Default)).SummaryIndex);
    }

    [Theory]
    [InlineData("""{"status":429,"type":"error","error":{"type":"t","code":"c","message":"m","param":"p"},"headers":{"Retry-After":2}}""")]
    [InlineData("""{"error":{"type":"t","code":"c","message":"m","param":"p","headers":{"retry-after":2}},"status_code":429}""")]
    public void NestedErrors_AreRead(string json)
    {
        var e = Read(Samples.Utf8(json));
        Assert.True(e.IsTerminal);
        Assert.Equal(new EventError("c", "t", "m", "p", 429, TimeSpan.FromSeconds(2)), e.Error);
    }

    [Theory]
    [InlineData("""{"type":"error","code":"c","message":"m","param":null,"sequence_number":0}""", "c", "m")]
    [InlineData("""{"error":"m"}""", null, "m")]
    [InlineData("""{"type":"error"}""", null, "")]
    public void OtherErrors_AreRead(string json, string? code, string message) =>
        Assert.Equal(new EventError(code, null, message, null, null, null), Read(Samples.Utf8(json)).Error);

    [Fact]
    public void OwnErrors_ReadBack_FromEveryWire()
    {
        var error = new ApiException(
            Samovar.Protocol.Errors.Errors.RateLimited, TimeSpan.FromSeconds(3), "input", TimeSpan.FromSeconds(2.2));
        foreach (var json in new[] { ErrorBody.WebSocket(error, LaneId.Default), ErrorBody.Http(error) })
        {
            var read = Read(json).Error!;
            Assert.Equal((error.Kind.Code, error.Kind.Type, error.Message, "input"), (read.Code, read.Type, read.Message, read.Param));
        }
        Assert.Equal(TimeSpan.FromSeconds(3), Read(ErrorBody.WebSocket(error, LaneId.Default)).Error!.RetryAfter);
    }

    [Fact]
    public void UnknownEvents_AreCarried()
    {
        var json = """{"sequence_number":4,"type":"codex.rate_limits","delta":{"x":1},"item":7,"output_index":1e99,"response":[]}""";
        var e = Read(Samples.Utf8(json));
        Assert.True(e is { Type: "codex.rate_limits", Delta: null, Item: null, OutputIndex: null, Response: null, Error: null });
        Assert.Equal(
            """{"type":"codex.rate_limits","sequence_number":0,"delta":{"x":1},"item":7,"output_index":1e99,"response":[]}""",
            new RawJson(EventWriter.Write(e.AsCarried(), 0, ResponseEventOptions.Default)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[DONE]")]
    [InlineData("{}")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"x"}}""")]
    [InlineData("""{"output":[]}""")]
    public void WhatIsNoEvent_IsRefused(string json) =>
        Assert.False(EventReader.TryRead(Samples.Utf8(json), ProtocolLimits.Default, out _));

    private static EventView Read(ReadOnlyMemory<byte> json)
    {
        Assert.True(EventReader.TryRead(json, ProtocolLimits.Default, out var e));
        return e;
    }
}
