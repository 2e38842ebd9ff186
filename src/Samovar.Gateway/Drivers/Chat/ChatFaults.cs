using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Errors that stand where a chunk or an answer should: servers send them under a 200, and in the middle of a stream.</summary>
internal static class ChatFaults
{
    /// <summary>Null for anything else than an error.</summary>
    public static UpstreamFault? Of(RawJson json, ChatChunk chunk, DateTimeOffset now)
    {
        var isFault = chunk.Error.IsSet() && !IsEmpty(chunk.Error) && !(chunk.Choices.IsSet() && SaysNothing(chunk.Error));
        if (isFault) return Read(json, chunk.Error, now);
        if (MiniMaxCodes.IsFault(chunk.Outcome)) return Read(json, json, now);
        if (chunk.Choices.IsSet() || chunk.Usage.IsSet()) return null;
        if (json.Field("errors"u8).Elements() is [var first, ..]) return Read(first, first, now);
        return IsError(json) ? Read(json, json, now) : null;
    }

    /// <summary>Whether an object without choices is an error: by its words, or by a number beside them.</summary>
    private static bool IsError(RawJson json) => json.Text("object"u8) == "error" || json.Field("detail"u8).IsSet()
        || json.Text("message"u8) is { Length: > 0 }
        || ErrorWords.Of(json) is not null && (json.Field("success"u8).Utf8.Span.SequenceEqual("false"u8)
            || IsCode(json.Field("code"u8)) || IsCode(json.Field("error_code"u8)));

    private static bool IsCode(RawJson code) => code.AsNumber() is not (null or 0) || code.AsText() is not (null or "" or "0");

    /// <summary>An error inside a choice.</summary>
    public static UpstreamFault? OfChoice(RawJson json, ChatChoice choice, DateTimeOffset now) =>
        choice.Error.IsSet() && !IsEmpty(choice.Error) ? Read(json, choice.Error, now) : null;

    private static UpstreamFault Read(RawJson envelope, RawJson error, DateTimeOffset now) =>
        FaultReader.Read(envelope, FaultReader.StatusOf(error) ?? FaultReader.StatusOf(envelope) ?? 0, now);

    /// <summary>An error that stands in every chunk, and has nothing in its fields.</summary>
    private static bool SaysNothing(RawJson error) => error.IsObject && error.Fields().TrueForAll(static field =>
        !field.Value.IsSet() || IsEmpty(field.Value) || field.Value.Utf8.Span.SequenceEqual("0"u8));

    private static bool IsEmpty(RawJson error) => error.AsText() is { Length: 0 } || error.Utf8.Span.SequenceEqual("{}"u8)
        || error.Utf8.Span.SequenceEqual("false"u8);
}
