using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>reasoning</c>.</summary>
internal static class ReasoningReader
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    private static readonly string[] Summaries = ["auto", "concise", "detailed", "none"];

    private static readonly FieldTable<CreateDraft> Fields = new(
        ("effort", static (ref json, draft) => draft.Request = draft.Request with { ReasoningEffort = json.OptionalWord(Efforts) }),
        ("summary", static (ref json, draft) => draft.Request = draft.Request with { ReasoningSummary = ReadSummary(ref json) }),
        // The older name counts where the newer one is missing.
        ("generate_summary", static (ref json, draft) =>
            draft.Request = draft.Request with { ReasoningSummary = draft.Request.ReasoningSummary ?? ReadSummary(ref json) }));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (!json.IsNull) json.Object(Fields, draft);
    }

    private static string? ReadSummary(ref JsonCursor json) => json.OptionalWord(Summaries) is { } word and not "none" ? word : null;
}
