using System.Text.Json.Nodes;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Tests.Protocol.Chat;

/// <summary>A turn with several messages is one message of a chat completion, the same as a stream and as a whole.</summary>
public sealed class ChatAnswerTests
{
    [Theory]
    [InlineData("t:hello|r:no", "hello", "no")]
    [InlineData("t:hello|r:no|t:there", "hello\n\nthere", "no")]
    [InlineData("r:no|t:hello", "hello", "no")]
    [InlineData("r:no|r:never", null, "no\n\nnever")]
    [InlineData("t:a t:b|t:c", "ab\n\nc", null)]
    [InlineData("t:a r:b|t:c r:d", "a\n\nc", "b\n\nd")]
    [InlineData("t:a|t:|t:b", "a\n\nb", null)]
    public void Messages_AreParted_WithinTheirOwnField(string said, string? content, string? refusal)
    {
        List<ResponseEvent> events = [];
        var messages = said.Split('|');
        for (var at = 0; at < messages.Length; at++)
        {
            var (id, parts) = ($"msg_{at}", new List<string>());
            foreach (var piece in messages[at].Split(' '))
            {
                var (isText, text, place) = (piece[0] == 't', piece[2..], parts.Count);
                events.Add(isText ? new ResponseEvent.OutputTextDelta(id, at, place, text, default)
                    : new ResponseEvent.RefusalDelta(id, at, place, text));
                parts.Add(isText ? $$"""{"type":"output_text","text":"{{text}}"}""" : $$"""{"type":"refusal","refusal":"{{text}}"}""");
            }
            var item = $$"""{"type":"message","id":"{{id}}","role":"assistant","content":[{{string.Join(',', parts)}}]}""";
            events.Add(new ResponseEvent.OutputItemDone(at, ItemReader.Read(Samples.Utf8(item), ProtocolLimits.Default)));
        }
        events.Add(new ResponseEvent.Completed(Samples.Response(ResponseStatus.Completed)));
        var views = events.Select((e, number) => EventViews.Of(e, number, ResponseEventOptions.Default)).ToList();

        var whole = JsonNode.Parse(Answer().Whole(views, views[^1]))!["choices"]![0]!["message"]!;
        Assert.Equal((content, refusal), ((string?)whole["content"], (string?)whole["refusal"]));

        var (stream, chunks) = (Answer(), new List<WireEvent>());
        foreach (var view in views) stream.Translate(view, chunks);
        Assert.Equal((content ?? "", refusal ?? ""), (Joined(chunks, "content"), Joined(chunks, "refusal")));
    }

    [Fact]
    public void WhatItsMakerSaidBesideACall_IsSentWithIt_AndReadAgain()
    {
        const string extra = """{"google":{"thought_signature":"c2ln"}}""";
        var call = (FunctionCallItem)CallExtra.With(
            ItemWriter.FunctionCall("fc_1", "c", "f", "{}", null, ItemStatus.Completed), RawJson.Of(extra));
        ResponseEvent[] events =
        [
            new ResponseEvent.OutputItemAdded(0, ItemWriter.FunctionCall("fc_1", "c", "f", "", null, ItemStatus.InProgress).Json),
            new ResponseEvent.FunctionCallArgumentsDelta("fc_1", 0, "{}"), new ResponseEvent.OutputItemDone(0, call),
            new ResponseEvent.Completed(Samples.Response(ResponseStatus.Completed)),
        ];
        var views = events.Select((e, number) => EventViews.Of(e, number, ResponseEventOptions.Default)).ToList();
        var message = JsonNode.Parse(Answer().Whole(views, views[^1]))!["choices"]![0]!["message"]!;
        Assert.Equal(extra, message["tool_calls"]![0]!["extra_content"]!.ToJsonString());

        var (stream, chunks) = (Answer(), new List<WireEvent>());
        foreach (var view in views) stream.Translate(view, chunks);
        var deltas = chunks.Select(chunk => JsonNode.Parse(chunk.Json.Span)!["choices"]![0]!["delta"]!["tool_calls"]?[0])
            .OfType<JsonNode>();
        Assert.Equal([null, null, extra], deltas.Select(delta => delta["extra_content"]?.ToJsonString()));

        var history = $$"""{"model":"m","messages":[{"role":"user","content":"x"},{{message.ToJsonString()}}]}""";
        var read = ChatRequestReader.Read(Samples.Utf8(history), ProtocolLimits.Default).Request.Input[^1];
        Assert.Equal(extra, CallExtra.Of(read).ToString());
    }

    private static IAnswerTranslator Answer() => ChatRequestReader.Read(
        Samples.Utf8("""{"model":"m","messages":[{"role":"user","content":"x"}]}"""), ProtocolLimits.Default).Answer;

    private static string Joined(IEnumerable<WireEvent> chunks, string field) => string.Concat(chunks
        .Select(chunk => JsonNode.Parse(chunk.Json.Span)!["choices"]!.AsArray())
        .Where(choices => choices.Count > 0).Select(choices => (string?)choices[0]!["delta"]![field]));
}
