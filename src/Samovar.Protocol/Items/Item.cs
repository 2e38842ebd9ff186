using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>The unit of context. Its UTF-8 is kept as it came in, unknown fields and unknown kinds included; the typed view is what
/// Samovar itself reads.</summary>
public abstract record Item
{
    private protected Item() { }

    /// <summary>The whole item. For an item made here: exactly what goes on the wire.</summary>
    public required RawJson Json { get; init; }
    public abstract string Type { get; }
    public string? Id { get; init; }

    /// <summary>The same item without the frame it came in, see <see cref="RawJson.Detach"/>.</summary>
    public virtual Item Detach(long used = 0)
    {
        var json = Json.Detach(used);
        return json.Utf8.Equals(Json.Utf8) ? this : this with { Json = json };
    }
}

/// <summary>An item that asks for something to be done: it needs an output with the same call id.</summary>
public interface IToolCall { string? CallId { get; } }

/// <summary>An item that answers a call.</summary>
public interface IToolOutput { string? CallId { get; } }

public enum Role { User, Assistant, System, Developer, Tool, Other }

public sealed record MessageItem(Role Role, IReadOnlyList<ContentPart> Content, string? Phase) : Item
{
    public override string Type => "message";
}

public sealed record FunctionCallItem(string CallId, string Name, string Arguments, string? Namespace)
    : Item, IToolCall
{
    public override string Type => "function_call";

    /// <summary>Whether its writing was cut off: nobody can answer half a call.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Whether the conversation goes on while it has no output.</summary>
    public bool IsAsync { get; init; }

    /// <summary>Whether its maker said something beside it that it needs to get back.</summary>
    internal bool HasExtra { get; init; }
}

public sealed record FunctionCallOutputItem(string CallId, IReadOnlyList<ContentPart> Output)
    : Item, IToolOutput
{
    public override string Type => "function_call_output";
}

public sealed record CustomToolCallItem(string CallId, string Name, string Input, string? Namespace)
    : Item, IToolCall
{
    public override string Type => "custom_tool_call";

    /// <summary>Whether its writing was cut off: nobody can answer half a call.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Whether the conversation goes on while it has no output.</summary>
    public bool IsAsync { get; init; }

    /// <summary>Whether its maker said something beside it that it needs to get back.</summary>
    internal bool HasExtra { get; init; }
}

public sealed record CustomToolCallOutputItem(string CallId, IReadOnlyList<ContentPart> Output)
    : Item, IToolOutput
{
    public override string Type => "custom_tool_call_output";
}

public sealed record ReasoningItem(IReadOnlyList<string> Summary, IReadOnlyList<string> Content, string? EncryptedContent) : Item
{
    public override string Type => "reasoning";
}

public sealed record AdditionalToolsItem(ToolList Tools) : Item
{
    public override string Type => "additional_tools";

    // Its tools are slices of the same text.
    public override Item Detach(long used = 0)
    {
        var json = Json.Detach(used);
        return json.Utf8.Equals(Json.Utf8) ? this : this with { Json = json, Tools = Tools.MovedTo(json, Json) };
    }
}

public sealed record ItemReferenceItem(string Reference) : Item { public override string Type => "item_reference"; }

/// <summary>Stands for the history before it, as only its maker can read it.</summary>
/// <param name="Kind">Clients have had other names for it, and a summary of theirs under the same seal.</param>
public sealed record CompactionItem(string EncryptedContent, string Kind = "compaction") : Item
{
    /// <summary>What the text of every compaction that a Samovar has made begins with.</summary>
    public const string SamovarMark = "U01W";

    public override string Type => Kind;

    /// <summary>Whether a Samovar has made it, this one or another.</summary>
    public bool IsOfSamovar => HasMark(EncryptedContent);

    /// <summary>Whether the text of a compaction is a Samovar's.</summary>
    internal static bool HasMark(string encryptedContent) => encryptedContent.StartsWith(SamovarMark, StringComparison.Ordinal);
}

public sealed record CompactionTriggerItem : Item { public override string Type => "compaction_trigger"; }

/// <summary>A call of a kind that is only carried: <c>shell_call</c>, <c>local_shell_call</c>, <c>apply_patch_call</c>,
/// <c>computer_call</c>, <c>mcp_call</c> …</summary>
public sealed record OtherCallItem(string Kind, string? CallId) : Item, IToolCall { public override string Type => Kind; }

/// <summary>The output of such a call: any type that ends in <c>_output</c>.</summary>
public sealed record OtherOutputItem(string Kind, string? CallId, IReadOnlyList<ContentPart> Output)
    : Item, IToolOutput
{
    public override string Type => Kind;
}

/// <summary>An item of a kind not known here, kept whole.</summary>
public sealed record UnknownItem(string Kind) : Item { public override string Type => Kind; }

/// <summary>One part of a message's content or of a tool's output.</summary>
public abstract record ContentPart
{
    private ContentPart() { }
    public sealed record Text(string Value) : ContentPart;
    public sealed record Refusal(string Value) : ContentPart;
    public sealed record Image(string? Url, string? FileId, string? Detail) : ContentPart;
    public sealed record File(string? Name, string? FileId, string? Url, bool HasData) : ContentPart;
    public sealed record Other(string Kind) : ContentPart;
}
