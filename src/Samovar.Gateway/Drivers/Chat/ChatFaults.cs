using System.Globalization;
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
        if (chunk.Error.IsSet() && !IsEmpty(chunk.Error)) return Read(json, chunk.Error, now);
        if (chunk.Choices.IsSet() || chunk.Usage.IsSet()) return null;
        if (json.Field("errors"u8).Elements() is [var first, ..]) return Read(first, first, now);
        var isError = json.Text("object"u8) == "error" || json.Field("detail"u8).IsSet() || json.Text("message"u8) is { Length: > 0 };
        return isError ? Read(json, json, now) : null;
    }

    /// <summary>An error inside a choice.</summary>
    public static UpstreamFault? OfChoice(RawJson json, ChatChoice choice, DateTimeOffset now) =>
        choice.Error.IsSet() && !IsEmpty(choice.Error) ? Read(json, choice.Error, now) : null;

    private static UpstreamFault Read(RawJson envelope, RawJson error, DateTimeOffset now)
    {
        var status = Status(error) ?? Status(envelope) ?? 0;
        var fault = FaultReader.Read(envelope, status, now);
        // The upstream had taken the request: without a word about it, the client's request is not at fault.
        return fault.Kind == FaultKind.Refused && status == 0 && !IsAboutRequest(fault) ? fault with { Kind = FaultKind.Server } : fault;
    }

    private static int? Status(RawJson error)
    {
        foreach (var name in (string[])["status", "status_code", "code", "http_status"])
        {
            var value = error.Field(System.Text.Encoding.UTF8.GetBytes(name));
            if (value.IsEmpty) continue;
            var written = value.AsText() ?? value.ToString();
            var isNumber = int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var status);
            if (isNumber && status is >= 400 and < 600) return status;
        }
        return null;
    }

    private static bool IsAboutRequest(UpstreamFault fault) =>
        (fault.Type ?? fault.Code ?? "").Replace("_", "", StringComparison.Ordinal) is var type
        && (type.Contains("invalidrequest", StringComparison.OrdinalIgnoreCase)
            || type.Contains("badrequest", StringComparison.OrdinalIgnoreCase)
            || type.Contains("contextlength", StringComparison.OrdinalIgnoreCase)
            || type.Contains("exceedcontext", StringComparison.OrdinalIgnoreCase));

    private static bool IsEmpty(RawJson error) => error.AsText() is { Length: 0 } || error.Utf8.Span.SequenceEqual("{}"u8)
        || error.Utf8.Span.SequenceEqual("false"u8);
}
