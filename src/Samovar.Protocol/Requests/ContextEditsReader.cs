using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>context_edits</c>, which the Messages API calls <c>context_management</c>. Edits of kinds that are not known here
/// are kept by their name.</summary>
internal static class ContextEditsReader
{
    private const string Tokens = "input_tokens", Uses = "tool_uses", Turns = "thinking_turns", All = "all";
    private static readonly WordForm Trigger = new(Tokens, Uses), KeptUses = new(Uses), AtLeast = new(Tokens), KeptTurns = new(Turns, All);

    private static readonly FieldTable<Draft> Fields = new(
        ("edits", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Edits = json.Elements(json.Limits.ManagementRulesMax, One);
        }));

    private static readonly FieldTable<ThinkingDraft> Thinking = new(
        ("keep", static (ref json, edit) => edit.Kept = json.Token switch
        {
            JsonTokenType.Null => ContextEdit.ClearThinking.TurnsKeptDefault,
            JsonTokenType.String => KeptTurns.Read(ref json) == All ? null : throw json.WrongType("an object"),
            _ => Measure(ref json, KeptTurns, Forms.FromOne) is (not All, var turns) ? turns : null,
        }));

    private static readonly FieldTable<UsesDraft> ToolUses = new(
        ("trigger", static (ref json, draft) =>
        {
            if (json.IsNull) return;
            var (kind, value) = Measure(ref json, Trigger, Forms.FromOne);
            draft.Edit = draft.Edit with { TokensTrigger = kind == Tokens ? value : null, UsesTrigger = kind == Uses ? value : null };
        }),
        ("keep", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Edit = draft.Edit with { UsesKept = Measure(ref json, KeptUses, Forms.FromZero).Value };
        }),
        ("clear_at_least", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Edit = draft.Edit with { TokensMin = Measure(ref json, AtLeast, Forms.FromZero).Value };
        }),
        ("exclude_tools", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Edit = draft.Edit with { Excluded = Names(ref json) };
        }),
        ("clear_tool_inputs", static (ref json, draft) => draft.Edit = json.Token == JsonTokenType.StartArray
            ? draft.Edit with { InputsOf = Names(ref json) } : draft.Edit with { ClearsInputs = Forms.Flag.Read(ref json) ?? false }));

    private static readonly FieldTable<MeasureDraft> MeasureFields = new(
        ("type", static (ref json, draft) => draft.Kind = draft.Kinds.Read(ref json)),
        ("value", static (ref json, draft) => draft.Value = draft.Values.ReadInt(ref json)));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (json.IsNull) return;
        var edits = new Draft();
        json.Object(Fields, edits);
        draft.Request.Edits = edits.Edits;
    }

    private static ContextEdit One(ref JsonCursor json)
    {
        switch (json.Peek("type", "type"u8) ?? throw json.Missing("type"))
        {
            case ContextEdit.ClearThinking.KindName:
                var thinking = new ThinkingDraft();
                json.Object(Thinking, thinking);
                return new ContextEdit.ClearThinking(thinking.Kept);
            case ContextEdit.ClearToolUses.KindName:
                var uses = new UsesDraft();
                json.Object(ToolUses, uses);
                return uses.Edit;
            case var kind:
                json.Skip();
                return new ContextEdit.Other(kind);
        }
    }

    private static (string Kind, int Value) Measure(ref JsonCursor json, WordForm kinds, IntegerForm values)
    {
        var draft = new MeasureDraft(kinds, values);
        json.Object(MeasureFields, draft);
        return draft.Kind switch
        {
            null => throw json.Missing("type"),
            All => (All, 0),
            var kind => (kind, draft.Value ?? throw json.Missing("value")),
        };
    }

    private static HashSet<string> Names(ref JsonCursor json) =>
        new(json.Elements(json.Limits.ToolsMax, static (ref json) => json.NameText()), StringComparer.Ordinal);

    private sealed class Draft
    {
        public IReadOnlyList<ContextEdit> Edits { get; set; } = [];
    }

    private sealed class ThinkingDraft
    {
        public int? Kept { get; set; } = ContextEdit.ClearThinking.TurnsKeptDefault;
    }

    private sealed class UsesDraft
    {
        public ContextEdit.ClearToolUses Edit { get; set; } = new();
    }

    private sealed class MeasureDraft(WordForm kinds, IntegerForm values)
    {
        public WordForm Kinds => kinds;
        public IntegerForm Values => values;
        public string? Kind { get; set; }
        public int? Value { get; set; }
    }
}
