using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Items;

/// <summary>Reads tools; each keeps its bytes.</summary>
internal static class ToolReader
{
    private static readonly FieldTable<ToolDraft> Fields = new(
        ("type", static (ref json, tool) => json.Skip()),
        ("name", static (ref json, tool) => tool.Name = Forms.ToolName.Read(ref json)),
        ("description", static (ref json, tool) => tool.Description = Forms.Text.Read(ref json)),
        ("parameters", static (ref json, tool) => tool.Parameters = ArgumentsForm.Read(ref json)),
        ("strict", static (ref json, tool) => tool.Strict = Forms.Flag.Read(ref json)),
        ("async", static (ref json, tool) => tool.IsAsync = Forms.Flag.Read(ref json) == true),
        ("defer_loading", static (ref json, tool) => tool.Handling.ReadDeferred(ref json)),
        ("allowed_callers", static (ref json, tool) => tool.Handling.ReadCallers(ref json)),
        ("input_examples", static (ref json, tool) => tool.Handling.ReadExamples(ref json)),
        ("eager_input_streaming", static (ref json, tool) => tool.Handling.ReadEager(ref json)),
        ("format", ReadFormat),
        ("tools", ReadNested));

    private static readonly FieldTable<ToolDraft> FormatFields = new(
        ("type", static (ref json, tool) => tool.FormatType = Forms.CustomFormat.Read(ref json)),
        ("syntax", static (ref json, tool) => tool.Syntax = Forms.GrammarSyntax.Read(ref json)),
        ("definition", static (ref json, tool) => tool.Grammar = Forms.Text.Read(ref json)));

    // A kind of tool that is only carried may use these names for anything.
    private static readonly FieldTable<ToolDraft> Unread = new(("type", static (ref json, tool) => json.Skip()));

    /// <summary>An array of tools.</summary>
    public static ToolList List(ref JsonCursor json)
    {
        return ServerSecrets.Apart(Whole(ref json));
    }

    /// <summary>The same in an item, which is kept as it came: an MCP server's secrets have no place there.</summary>
    public static ToolList ListOfItem(ref JsonCursor json)
    {
        var list = Whole(ref json);
        if (json.Limits.ChecksValues && list.Tools.Any(ServerSecrets.Has)) throw json.Fail(UnsupportedParameter, json.Path);
        return list;
    }

    private static ToolList Whole(ref JsonCursor json)
    {
        var start = json.Start;
        return new ToolList(Tools(ref json, isNested: false), json.Since(start));
    }

    private static List<Tool> Tools(ref JsonCursor json, bool isNested)
    {
        var tools = new List<Tool>();
        json.Each(json.Limits.ToolsMax, (tools, isNested, Names: new ToolNameSet(), Groups: new ToolNameSet()), static (ref json, to) =>
        {
            var tool = One(ref json, to.isNested);
            if (tool.CallName is { } name) (tool is Tool.Namespace ? to.Groups : to.Names).Add(ref json, name, "name");
            to.tools.Add(tool);
        });
        return tools;
    }

    private static Tool One(ref JsonCursor json, bool isNested)
    {
        var start = json.Start;
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        var isRead = type is "function" or "custom" || (type == "namespace" && !isNested); // namespaces do not nest
        var draft = new ToolDraft();
        json.Object(isRead ? Fields : Unread, draft);
        var whole = json.Since(start);
        if (!isRead) return IsKnown(type, ref json) ? Hosted(type, whole, isNested, ref json) : throw UnknownKind(ref json, type, isNested);
        var name = draft.Name ?? throw json.Missing("name");
        return type switch
        {
            "function" => new Tool.Function(name, draft.Description, draft.Parameters, draft.Strict)
            { Json = whole, IsAsync = draft.IsAsync, Handling = draft.Handling.Build() },
            "custom" => new Tool.Custom(name, draft.Description, draft.Syntax, draft.Grammar)
            { Json = whole, IsAsync = draft.IsAsync },
            _ => new Tool.Namespace(name, draft.Description, draft.Tools ?? throw json.Missing("tools")) { Json = whole },
        };
    }

    private static Tool.Other Hosted(string type, RawJson whole, bool isNested, ref JsonCursor json)
    {
        var tool = new Tool.Other(type) { Json = whole };
        return isNested && json.Limits.ChecksValues && ServerSecrets.Has(tool) ? throw json.Fail(UnsupportedParameter, json.Path) : tool;
    }

    private static bool IsKnown(string type, ref JsonCursor json) => !json.Limits.ChecksValues || HostedTools.Has(type);

    private static ApiException UnknownKind(ref JsonCursor json, string type, bool isNested)
    {
        json.Push("type");
        return json.Fail(InvalidValue, type, new OwnWords(isNested ? HostedTools.KnownNested : HostedTools.Known));
    }

    /// <summary>A text may have any form; a grammar needs its language and its rules.</summary>
    private static void ReadFormat(ref JsonCursor json, ToolDraft tool)
    {
        if (json.IsNull) return;
        json.Object(FormatFields, tool);
        if (!json.Limits.ChecksValues) return;
        if (tool.FormatType is null) throw json.Missing("type");
        if (tool.FormatType == "grammar" && tool.Syntax is null) throw json.Missing("syntax");
        if (tool.FormatType == "grammar" && tool.Grammar is null) throw json.Missing("definition");
    }

    private static void ReadNested(ref JsonCursor json, ToolDraft tool)
    {
        if (!json.IsNull) tool.Tools = Tools(ref json, isNested: true);
    }

    private sealed class ToolDraft
    {
        public string? Name { get; set; }
        public string? Description { get; set; }
        public RawJson Parameters { get; set; }
        public bool? Strict { get; set; }
        public bool IsAsync { get; set; }
        public ToolHandlingDraft Handling { get; } = new();
        public string? FormatType { get; set; }
        public string? Syntax { get; set; }
        public string? Grammar { get; set; }
        public IReadOnlyList<Tool>? Tools { get; set; }
    }
}
