using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Items;

/// <summary>Reads <c>tool_choice</c>.</summary>
internal static class ToolChoiceReader
{
    private static readonly FieldTable<ChoiceDraft> Fields = new(
        ("type", static (ref json, choice) => json.Skip()),
        ("name", static (ref json, choice) => choice.Name = json.OptionalName()),
        ("server_label", static (ref json, choice) => choice.Label = json.OptionalName()),
        ("mode", static (ref json, choice) => choice.Mode = Forms.ChoiceMode.Read(ref json)),
        ("tools", static (ref json, choice) => choice.Tools = json.Elements(json.Limits.ToolsMax, Named)));

    public static ToolChoice Read(ref JsonCursor json)
    {
        if (json.IsNull) return ToolChoice.Default;
        var start = json.Start;
        var choice = json.Token switch
        {
            JsonTokenType.String => Word(ref json),
            JsonTokenType.StartObject => Object(ref json),
            _ => throw json.WrongType("a string or an object"),
        };
        return choice with { Json = json.Since(start) };
    }

    private static ToolChoice Word(ref JsonCursor json) => Forms.ChoiceWord.Read(ref json) switch
    {
        "none" => new ToolChoice.None(),
        "required" => new ToolChoice.Required(),
        _ => new ToolChoice.Auto(),
    };

    private static ToolChoice Object(ref JsonCursor json)
    {
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        var draft = new ChoiceDraft();
        json.Object(Fields, draft);
        return type switch
        {
            "function" or "custom" => new ToolChoice.Named(type, draft.Name ?? throw json.Missing("name")),
            "allowed_tools" => new ToolChoice.Allowed(draft.Mode == "required", draft.Tools ?? throw json.Missing("tools")),
            _ when HostedTools.Has(type) => new ToolChoice.Other(type),
            _ => throw UnknownKind(ref json, type),
        };
    }

    private static ApiException UnknownKind(ref JsonCursor json, string type)
    {
        json.Push("type");
        return json.Fail(InvalidValue, type, new OwnWords($"'allowed_tools', {HostedTools.Known}"));
    }

    private static ToolChoice.Named Named(ref JsonCursor json)
    {
        var start = json.Start;
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        var draft = new ChoiceDraft();
        json.Object(Fields, draft);
        if (draft.Name is null && type is "function" or "custom") throw json.Missing("name");
        if (type is not ("function" or "custom" or "namespace") && !HostedTools.Has(type)) throw UnknownKind(ref json, type);
        return new ToolChoice.Named(type, draft.Name ?? draft.Label ?? "") { Json = json.Since(start) };
    }

    private sealed class ChoiceDraft
    {
        public string? Name { get; set; }
        public string? Label { get; set; }
        public string? Mode { get; set; }
        public IReadOnlyList<ToolChoice.Named>? Tools { get; set; }
    }
}
