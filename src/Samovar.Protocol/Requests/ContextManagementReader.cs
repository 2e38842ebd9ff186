using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>context_management</c>: from which size on the conversation is compacted.</summary>
internal static class ContextManagementReader
{
    private static readonly FieldTable<RuleDraft> Fields = new(
        ("type", static (ref json, rule) => rule.Type = Forms.ManagementType.Read(ref json)),
        ("compact_threshold", static (ref json, rule) => rule.Threshold = Forms.CompactThreshold.ReadInt(ref json)));

    /// <summary>Of several rules the one that is reached first counts.</summary>
    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (json.IsNull) return;
        foreach (var rule in json.Elements(json.Limits.ManagementRulesMax, One))
        {
            var before = draft.Request.Compaction?.Threshold;
            draft.Request.Compaction = new CompactionRule(before < rule.Threshold || rule.Threshold is null ? before ?? rule.Threshold
                : rule.Threshold);
        }
    }

    private static RuleDraft One(ref JsonCursor json)
    {
        var rule = new RuleDraft();
        json.Object(Fields, rule);
        return rule.Type is null ? throw json.Missing("type") : rule;
    }

    private sealed class RuleDraft
    {
        public string? Type { get; set; }
        public int? Threshold { get; set; }
    }
}
