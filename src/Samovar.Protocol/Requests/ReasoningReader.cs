using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>reasoning</c>.</summary>
internal static class ReasoningReader
{
    private static readonly FieldTable<CreateDraft> Fields = new(
        ("effort", static (ref json, draft) => draft.Request.ReasoningEffort = Forms.Effort.Read(ref json)),
        ("context", static (ref json, draft) =>
            draft.Request.ReasoningContext = Forms.ReasoningContext.Read(ref json)),
        ("mode", static (ref json, draft) => draft.Request.ReasoningMode = Forms.ReasoningMode.Read(ref json)),
        ("summary", static (ref json, draft) => draft.Request.ReasoningSummary = ReadSummary(ref json)),
        // The older name counts where the newer one is missing.
        ("generate_summary", static (ref json, draft) =>
        {
            var older = ReadSummary(ref json);
            draft.Request.ReasoningSummary ??= older;
        }));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (!json.IsNull) json.Object(Fields, draft);
    }

    private static string? ReadSummary(ref JsonCursor json) => Forms.Summary.Read(ref json) is { } word and not "none" ? word : null;
}
