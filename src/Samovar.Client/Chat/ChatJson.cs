using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Samovar.Protocol.Json;

namespace Samovar.Client.Chat;

/// <summary>Values of Microsoft.Extensions.AI as JSON and back.</summary>
internal static class ChatJson
{
    private static readonly JsonTypeInfo<IDictionary<string, object?>> Arguments =
        (JsonTypeInfo<IDictionary<string, object?>>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>));

    public static string ArgumentsOf(FunctionCallContent call) =>
        call.Arguments is null ? "{}" : JsonSerializer.Serialize(call.Arguments, Arguments);

    /// <summary>A call; arguments that cannot be read are its <see cref="FunctionCallContent.Exception"/>.</summary>
    public static FunctionCallContent Call(string arguments, string callId, string name) =>
        FunctionCallContent.CreateFromParsedArguments(arguments, callId, name, static text => JsonSerializer.Deserialize(text, Arguments));

    /// <summary>A tool's result as the text that a model reads.</summary>
    public static string ResultOf(FunctionResultContent result) => result switch
    {
        { Exception: { } failed, Result: null } => "Error: " + failed.Message,
        { Result: null } => "",
        { Result: string text } => text,
        { Result: JsonElement { ValueKind: JsonValueKind.String } text } => text.GetString()!,
        { Result: TextContent text } => text.Text,
        { Result: IEnumerable<AIContent> parts } => string.Concat(parts.OfType<TextContent>().Select(part => part.Text)),
        _ => JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))),
    };

    public static RawJson Object(Action<Utf8JsonWriter> write) => new(JsonBuffer.Bytes(write, static (json, write) =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }));

    public static RawJson Array<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) =>
        new(JsonBuffer.Bytes((items, write), static (json, all) =>
        {
            json.WriteStartArray();
            foreach (var item in all.items) all.write(json, item);
            json.WriteEndArray();
        }));

    public static RawJson Text(string text) => new(JsonBuffer.Bytes(text, static (json, text) => json.WriteStringValue(text)));

    /// <summary>A number as its short form says it: 0.7, not 0.699999988.</summary>
    public static double? Number(float? number) => number is { } value ? (double)(decimal)value : null;

    public static RawJson Raw(double number) => new(JsonBuffer.Bytes(number, static (json, number) => json.WriteNumberValue(number)));
    public static RawJson Raw(long number) => new(JsonBuffer.Bytes(number, static (json, number) => json.WriteNumberValue(number)));
}
