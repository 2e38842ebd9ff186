using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>tool_choice</c>: a word, one tool, or several that are allowed.</summary>
internal static class ChatChoiceReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, choice) => json.Skip()),
        ("allowed_tools", static (ref json, choice) =>
        {
            if (json.IsNull) return;
            json.Object(AllowedFields!, choice);
            if (choice.Tools.IsEmpty) throw json.Missing("tools");
        }));

    private static readonly FieldTable<Draft> AllowedFields = new(
        ("mode", static (ref json, choice) => choice.Mode = Forms.ChoiceMode.Read(ref json)),
        ("tools", static (ref json, choice) =>
        {
            var tools = json.Elements(json.Limits.ToolsMax, static (ref json) => ChatToolReader.Tool(ref json).Tool);
            if (tools.Count == 0) throw json.Fail(EmptyArray, json.Path);
            choice.Tools = Unnesting.Array(tools);
        }));

    public static RawJson Read(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return RawJson.Of($"\"{Forms.ChoiceWord.Read(ref json)}\"");
        if (json.Token != JsonTokenType.StartObject) throw json.WrongType("a string or an object");
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (type != "allowed_tools") return One(ref json, type);
        var choice = new Draft();
        json.Object(Fields, choice);
        if (choice.Tools.IsEmpty) throw json.Missing("allowed_tools");
        return RawJson.Of($$"""{"type":"allowed_tools","mode":"{{choice.Mode ?? "auto"}}","tools":{{choice.Tools}}}""");
    }

    private static RawJson One(ref JsonCursor json, string type)
    {
        if (Forms.CallType.Words.Contains(type, StringComparer.Ordinal)) return ChatToolReader.Tool(ref json).Tool;
        json.Push("type");
        throw json.Fail(UnsupportedValue, type);
    }

    private sealed class Draft
    {
        public string? Mode { get; set; }
        public RawJson Tools { get; set; }
    }
}
