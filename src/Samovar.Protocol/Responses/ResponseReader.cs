using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Responses;

/// <summary>JSON → <see cref="ResponseView"/>, for clients and gateways: takes what is there.</summary>
public static class ResponseReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("id", static (ref json, draft) => draft.View = draft.View with { Id = Id(ref json) }),
        ("status", static (ref json, draft) => draft.View = draft.View with { Status = Status(json.TextOrNull()) }),
        ("model", static (ref json, draft) => draft.View = draft.View with { Model = json.TextOrNull() }),
        ("previous_response_id", static (ref json, draft) => draft.View = draft.View with { PreviousResponseId = Id(ref json) }),
        ("created_at", static (ref json, draft) => draft.View = draft.View with { CreatedAt = Time(json.LongOrNull()) }),
        ("stop_sequence", static (ref json, draft) => draft.View = draft.View with { StopSequence = json.TextOrNull() }),
        ("stop_reason", static (ref json, draft) => draft.View = draft.View with { StopReason = json.TextOrNull() }),
        ("applied_edits", static (ref json, draft) => draft.View = draft.View with { AppliedEdits = json.Raw() }),
        ("messages_end", static (ref json, draft) => draft.View = draft.View with { MessagesEnd = json.Raw() }),
        ("service_tier", static (ref json, draft) => draft.View = draft.View with { ServiceTier = json.TextOrNull() }),
        ("prompt_cache_diagnostics",
            static (ref json, draft) => draft.View = draft.View with { CacheDiagnostics = CacheDiagnosticsReader.Read(ref json) }),
        ("output", ReadOutput),
        ("usage", static (ref json, draft) => draft.View = draft.View with { Usage = UsageReader.Read(ref json) }),
        ("error", static (ref json, draft) => json.ObjectOrSkip(ErrorFields!, draft)),
        ("incomplete_details", static (ref json, draft) => json.ObjectOrSkip(DetailFields!, draft)));

    private static readonly FieldTable<Draft> ErrorFields = new(
        ("code", static (ref json, draft) => draft.ErrorCode = json.TextOrNull()),
        ("message", static (ref json, draft) => draft.ErrorMessage = json.TextOrNull()));

    private static readonly FieldTable<Draft> DetailFields = new(
        ("reason", static (ref json, draft) => draft.View = draft.View with { IncompleteReason = json.TextOrNull() }));

    /// <summary>False where the bytes are no JSON object.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, ProtocolLimits limits, [NotNullWhen(true)] out ResponseView? response)
    {
        response = null;
        try
        {
            JsonInput.Check(utf8, limits);
            var json = new JsonCursor(utf8, limits);
            json.Read();
            response = Read(ref json);
            json.ReadEnd();
        }
        catch (Exception unreadable) when (unreadable is JsonException or ApiException)
        {
            return false;
        }
        return true;
    }

    internal static ResponseView Read(ref JsonCursor json)
    {
        var start = json.Start;
        var draft = new Draft();
        json.Object(Fields, draft);
        var hasError = draft.ErrorCode is not null || draft.ErrorMessage is not null;
        return draft.View with
        {
            Json = json.Since(start),
            Error = hasError ? new ResponseError(draft.ErrorCode ?? "server_error", draft.ErrorMessage ?? "") : null,
        };
    }

    private static void ReadOutput(ref JsonCursor json, Draft draft)
    {
        if (json.Token != JsonTokenType.StartArray)
        {
            json.Skip();
            return;
        }
        var items = new List<Item>();
        while (json.NextElement()) items.Add(ItemReader.ReadOrKeep(json.Raw(), json.Limits));
        draft.View = draft.View with { Output = items, HasOutput = true };
    }

    private static ResponseId? Id(ref JsonCursor json) => json.TextOrNull() is { Length: > 0 } id ? new ResponseId(id) : null;

    private static DateTimeOffset? Time(long? seconds) =>
        seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds.Value) : null;

    private static ResponseStatus? Status(string? name)
    {
        foreach (var status in Enum.GetValues<ResponseStatus>())
            if (ResponseWriter.StatusName(status) == name) return status;
        return null;
    }

    private sealed class Draft
    {
        public ResponseView View { get; set; } = new();
        public string? ErrorCode { get; set; }
        public string? ErrorMessage { get; set; }
    }
}
