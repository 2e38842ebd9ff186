using System.Text.Json.Nodes;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Events;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Tests.Protocol.Translation;

/// <summary>An error that ends a stream is about the client's own field, as one is that comes instead of an answer.</summary>
public sealed class FailedAnswerTests
{
    [Theory]
    [InlineData("'input': bad", "'messages': bad", "'messages': bad", "messages")]
    [InlineData("'stop': bad", "'stop_sequences': bad", "'stop': bad", "stop_sequences")]
    [InlineData("'text.format': bad", "'output_config.format': bad", "'response_format': bad", "output_config.format")]
    [InlineData("'weather': bad", "'weather': bad", "'weather': bad", null)]
    [InlineData("It is 'input': bad", "It is 'input': bad", "It is 'input': bad", null)]
    public void FieldAtTheBeginning_IsTheClientsOwn(string said, string messages, string chat, string? param)
    {
        var ofMessages = Error(MessagesRequestReader.Read(Samples.Utf8(
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}"""), ProtocolLimits.Default).Answer, said);
        var ofChat = Error(ChatRequestReader.Read(Samples.Utf8(
            """{"model":"m","messages":[{"role":"user","content":"x"}]}"""), ProtocolLimits.Default).Answer, said);
        Assert.Equal((messages, param), ((string?)ofMessages["message"], (string?)ofMessages["param"]));
        Assert.Equal(chat, (string?)ofChat["message"]);
    }

    private static JsonNode Error(IAnswerTranslator answer, string said)
    {
        var failed = Samples.Response(ResponseStatus.Failed) with { Error = new ResponseError("invalid_request_error", said) };
        var events = new List<WireEvent>();
        answer.Translate(EventViews.Of(new ResponseEvent.Failed(failed), 0, ResponseEventOptions.Default), events);
        return JsonNode.Parse(Assert.Single(events).Json.Span)!["error"]!;
    }
}
