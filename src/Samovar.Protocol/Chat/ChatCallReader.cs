using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads the <c>tool_calls</c> of an assistant message.</summary>
internal static class ChatCallReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("id", static (ref json, call) => call.Id = json.OptionalName()),
        ("type", static (ref json, call) => call.Kind = Forms.CallType.Read(ref json)),
        ("function", static (ref json, call) =>
        {
            json.Object(Inner!, call);
            call.Function = Named(ref json, call, "arguments");
        }),
        (CallExtra.Field, static (ref json, call) =>
        {
            if (json.Token == JsonTokenType.StartObject) call.Extra = json.Raw();
            else json.Skip();
        }),
        ("custom", static (ref json, call) =>
        {
            json.Object(Inner!, call);
            call.Custom = Named(ref json, call, "input");
        }));

    private static readonly FieldTable<Draft> Inner = new(
        ("name", static (ref json, call) => call.Name = json.OptionalName()),
        ("arguments", static (ref json, call) => call.Payload = json.OptionalText(json.Limits.TextCharsMax)),
        ("input", static (ref json, call) => call.Payload = json.OptionalText(json.Limits.TextCharsMax)));

    public static void Read(ref JsonCursor json, ChatMessageDraft message)
    {
        if (json.IsNull) return;
        json.Each(json.Limits.PartsMax, message, static (ref json, message) => message.Calls.Add(One(ref json)));
    }

    private static Item One(ref JsonCursor json)
    {
        var call = new Draft();
        json.Object(Fields, call);
        var id = call.Id ?? throw json.Missing("id");
        if (call.Kind != "custom")
            return call.Function is var (name, arguments) ? InputItems.FunctionCall(id, name, arguments, call.Extra)
                : throw json.Missing("function");
        return call.Custom is var (custom, input) ? InputItems.CustomCall(id, custom, input, call.Extra) : throw json.Missing("custom");
    }

    private static (string Name, string Payload) Named(ref JsonCursor json, Draft call, string payload) =>
        (call.Name ?? throw json.Missing("name"), call.Payload ?? throw json.Missing(payload));

    private sealed class Draft
    {
        public string? Id { get; set; }
        public string? Kind { get; set; }
        public string? Name { get; set; }
        public string? Payload { get; set; }
        public RawJson Extra { get; set; }
        public (string Name, string Payload)? Function { get; set; }
        public (string Name, string Payload)? Custom { get; set; }
    }
}
