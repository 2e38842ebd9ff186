using System.Text.Json;
using Samovar.Protocol.Errors;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Why a thread goes no further, in the words by which clients of the Messages API decide how they go on.</summary>
/// <param name="code">What they read.</param>
/// <param name="unsupported">What of the request no thread can have; empty where the request could be one's.</param>
internal sealed class ThreadFailure(string code, params string[] unsupported)
{
    // They send all of the conversation again, as a thread of its own: so whatever ends a chain here ends no conversation.
    private static readonly ThreadFailure NotFound = new("thread_not_found");

    // They go on without a thread, where they may.
    private static readonly ThreadFailure NotKept = new("thread_unsupported_request", "store");

    private static readonly HashSet<string> NotFoundKinds =
    [
        PreviousResponseNotFound.Code, StoredUnreadable.Code, ChainTooLong.Code, ChainLost.Code, ChainElsewhere.Code,
    ];

    /// <summary>Null where the error says nothing about a thread.</summary>
    public static ThreadFailure? Of(ErrorKind kind) =>
        NotFoundKinds.Contains(kind.Code) ? NotFound : kind.Code == StoreFull.Code ? NotKept : null;

    /// <summary>The same error with a response's name as the message's, which its client knows it by.</summary>
    public static ApiException Named(ApiException error) => error.Kind.Code == PreviousResponseNotFound.Code
        ? error.Saying(error.Message.Replace($"'{MessageJson.OurPrefix}", $"'{MessageJson.Prefix}", StringComparison.Ordinal)) : error;

    public void WriteDetails(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("details"u8);
        writer.WriteString("error_code"u8, code);
        if (unsupported.Length > 0)
        {
            writer.WriteStartArray("unsupported"u8);
            foreach (var field in unsupported) writer.WriteStringValue(field);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
