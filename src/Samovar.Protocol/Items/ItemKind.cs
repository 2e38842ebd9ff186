using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Makes an item of what was read; throws where something is missing.</summary>
internal delegate Item ItemBuild(ItemDraft draft, RawJson whole, ref JsonCursor json);

/// <summary>One kind of item: which of its fields Samovar reads, and the item they make.</summary>
internal sealed record ItemKind(FieldTable<ItemDraft> Fields, ItemBuild Build)
{
    private static readonly (string Name, FieldRead<ItemDraft> Read) Type = ("type", static (ref json, draft) => json.Skip());
    private static readonly (string Name, FieldRead<ItemDraft> Read) Id = ("id", static (ref json, draft) =>
        draft.Id = json.OptionalName());
    private static readonly (string Name, FieldRead<ItemDraft> Read) CallId = ("call_id", static (ref json, draft) =>
        draft.CallId = json.OptionalName());
    private static readonly (string Name, FieldRead<ItemDraft> Read) Name = ("name", static (ref json, draft) =>
        draft.Name = json.OptionalName());
    private static readonly (string Name, FieldRead<ItemDraft> Read) Namespace =
        ("namespace", static (ref json, draft) => draft.Namespace = json.OptionalName());
    private static readonly (string Name, FieldRead<ItemDraft> Read) Encrypted =
        ("encrypted_content", static (ref json, draft) => draft.EncryptedContent = json.OptionalText(json.Limits.FrameBytesMax));
    private static readonly (string Name, FieldRead<ItemDraft> Read) Status =
        ("status", static (ref json, draft) => draft.Status = Forms.ItemStatus.Read(ref json));
    private static readonly (string Name, FieldRead<ItemDraft> Read) Async =
        ("async", static (ref json, draft) => draft.IsAsync = Forms.Flag.Read(ref json) == true);
    private static readonly (string Name, FieldRead<ItemDraft> Read) Extra = (CallExtra.Field, static (ref json, draft) =>
    {
        draft.HasExtra = json.Token == JsonTokenType.StartObject;
        json.Skip();
    });
    private static readonly (string Name, FieldRead<ItemDraft> Read) Output =
        ("output", static (ref json, draft) => draft.Parts = ContentReader.StringOrParts(ref json));

    private static readonly Dictionary<string, ItemKind> Known = new(StringComparer.Ordinal)
    {
        ["message"] = new(new(Type, Id, Status, ("role", ReadRole), ("content", ReadContent), ("phase", ReadPhase)),
            static (draft, whole, ref json) =>
                new MessageItem(RoleOf(draft, ref json), ItemDraft.Need(draft.Parts, ref json, "content"), draft.Phase)
                { Json = whole, Id = draft.Id }),
        ["function_call"] = new(
            new(Type, Id, Status, CallId, Name, Namespace, Async, Extra, ("arguments", ReadPayload)), static (draft, whole, ref json) =>
            new FunctionCallItem(
                ItemDraft.Need(draft.CallId, ref json, "call_id"), ItemDraft.Need(draft.Name, ref json, "name"),
                ItemDraft.Need(draft.Payload, ref json, "arguments"), draft.Namespace)
            { Json = whole, Id = draft.Id, IsCutOff = draft.IsCutOff, IsAsync = draft.IsAsync, HasExtra = draft.HasExtra }),
        ["function_call_output"] = new(new(Type, Id, Status, CallId, Output), static (draft, whole, ref json) =>
            new FunctionCallOutputItem(ItemDraft.Need(draft.CallId, ref json, "call_id"), ItemDraft.Need(draft.Parts, ref json, "output"))
            { Json = whole, Id = draft.Id }),
        ["custom_tool_call"] = new(
            new(Type, Id, Status, CallId, Name, Namespace, Async, Extra, ("input", ReadPayload)), static (draft, whole, ref json) =>
            new CustomToolCallItem(
                ItemDraft.Need(draft.CallId, ref json, "call_id"), ItemDraft.Need(draft.Name, ref json, "name"),
                ItemDraft.Need(draft.Payload, ref json, "input"), draft.Namespace)
            { Json = whole, Id = draft.Id, IsCutOff = draft.IsCutOff, IsAsync = draft.IsAsync, HasExtra = draft.HasExtra }),
        ["custom_tool_call_output"] = new(new(Type, Id, Status, CallId, Output), static (draft, whole, ref json) =>
            new CustomToolCallOutputItem(
                ItemDraft.Need(draft.CallId, ref json, "call_id"), ItemDraft.Need(draft.Parts, ref json, "output"))
            { Json = whole, Id = draft.Id }),
        ["reasoning"] = new(
            new(Type, Id, Status, Encrypted,
                ("summary", static (ref json, draft) => draft.Summary = ContentReader.Texts(ref json)),
                ("content", static (ref json, draft) => draft.Reasoning = ContentReader.Texts(ref json))),
            static (draft, whole, ref json) =>
                new ReasoningItem(draft.Summary, draft.Reasoning, draft.EncryptedContent) { Json = whole, Id = draft.Id }),
        ["additional_tools"] = new(
            new(Type, Id, ("tools", static (ref json, draft) => draft.Tools = ToolReader.ListOfItem(ref json))),
            static (draft, whole, ref json) =>
                new AdditionalToolsItem(ItemDraft.Need(draft.Tools, ref json, "tools")) { Json = whole, Id = draft.Id }),
        ["item_reference"] = new(new(Type, Id), static (draft, whole, ref json) =>
            new ItemReferenceItem(ItemDraft.Need(draft.Id, ref json, "id")) { Json = whole, Id = draft.Id }),
        ["compaction"] = Compaction("compaction"),
        ["compaction_summary"] = Compaction("compaction_summary"), // Codex had these names
        ["context_compaction"] = Compaction("context_compaction", isSealed: false),
        ["compaction_trigger"] = new(new(Type, Id), static (draft, whole, ref json) =>
            new CompactionTriggerItem { Json = whole, Id = draft.Id }),
    };

    /// <param name="kind">As it is written.</param>
    /// <param name="isSealed">Whether it always has what it stands for; one that has not is a mark that something was compacted.</param>
    private static ItemKind Compaction(string kind, bool isSealed = true) => new(new(Type, Id, Encrypted), (draft, whole, ref json) =>
        draft.EncryptedContent is null && !isSealed ? new UnknownItem(kind) { Json = whole, Id = draft.Id }
        : new CompactionItem(ItemDraft.Need(draft.EncryptedContent, ref json, "encrypted_content"), kind) { Json = whole, Id = draft.Id });

    // Kinds that are only carried are read as far as they have the usual shape: nothing of them is an error.
    private static readonly FieldTable<ItemDraft> Carried = new(
        Type,
        ("id", static (ref json, draft) => draft.Id = LenientText(ref json)),
        ("call_id", static (ref json, draft) => draft.CallId = LenientText(ref json)),
        ("output", static (ref json, draft) => draft.Parts = ContentReader.Lenient(ref json)));

    private static readonly string[] CallsWithoutSuffix = ["program"];

    /// <summary>The kind of that name; one that is only carried where Samovar does not know it.</summary>
    public static ItemKind Of(string type) =>
        Known.TryGetValue(type, out var kind) ? kind : OfOther(type);

    private static ItemKind OfOther(string type) => new(Carried, (draft, whole, ref json) => Other(type, draft, whole));

    private static Item Other(string type, ItemDraft draft, RawJson whole)
    {
        if (type.EndsWith("_output", StringComparison.Ordinal))
        {
            var callId = draft.CallId ?? (type == "local_shell_call_output" ? draft.Id : null); // that kind names its call by id
            return new OtherOutputItem(type, callId, draft.Parts ?? []) { Json = whole, Id = draft.Id };
        }
        return type.EndsWith("_call", StringComparison.Ordinal) || CallsWithoutSuffix.Contains(type, StringComparer.Ordinal)
            ? new OtherCallItem(type, draft.CallId) { Json = whole, Id = draft.Id }
            : new UnknownItem(type) { Json = whole, Id = draft.Id };
    }

    private static void ReadRole(ref JsonCursor json, ItemDraft draft) => draft.Role = Forms.ItemRole.Read(ref json) switch
    {
        "user" => Role.User,
        "assistant" => Role.Assistant,
        "system" => Role.System,
        "developer" => Role.Developer,
        _ => null,
    };

    private static Role RoleOf(ItemDraft draft, ref JsonCursor json)
    {
        if (draft.Role is { } role) return role;
        throw json.Missing("role");
    }

    private static void ReadContent(ref JsonCursor json, ItemDraft draft) => draft.Parts = ContentReader.StringOrParts(ref json);
    private static void ReadPhase(ref JsonCursor json, ItemDraft draft) => draft.Phase = Forms.Phase.Read(ref json);
    private static void ReadPayload(ref JsonCursor json, ItemDraft draft) => draft.Payload = json.Text(json.Limits.TextCharsMax);

    private static string? LenientText(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return json.Text;
        json.Skip();
        return null;
    }
}
