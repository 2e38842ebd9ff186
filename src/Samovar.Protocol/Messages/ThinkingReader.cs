using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>thinking</c> as a reasoning effort: the other way round from what the upstream driver makes of an effort.</summary>
internal static class ThinkingReader
{
    /// <summary>The effort of a model that shall not think, whatever else is said of effort.</summary>
    public const string Off = "none";

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, thinking) => thinking.Kind = Forms.ThinkingType.Read(ref json)),
        ("budget_tokens", static (ref json, thinking) => thinking.Budget = Forms.FromOne.ReadInt(ref json)),
        ("display", static (ref json, thinking) => thinking.Display = Forms.ThinkingDisplay.Read(ref json)));

    public static void Read(ref JsonCursor json, MessagesDraft draft)
    {
        if (json.IsNull) return;
        var thinking = new Draft();
        json.Object(Fields, thinking);
        (draft.ThinkingType, draft.ThinkingDisplay) = (thinking.Kind, thinking.Display);
        draft.ThinkingEffort = thinking.Kind switch
        {
            "disabled" or "between_tools" => Off, // the second is what models take that cannot do without
            "adaptive" => null, // the model's own habit decides
            "enabled" => ThinkingBudget.Effort(thinking.Budget ?? throw json.Missing("budget_tokens")),
            _ => throw json.Missing("type"),
        };
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public int? Budget { get; set; }
        public string? Display { get; set; }
    }
}
