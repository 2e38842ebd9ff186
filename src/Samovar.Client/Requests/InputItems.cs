using Samovar.Protocol.Json;

namespace Samovar.Client.Requests;

/// <summary>Input items, as most turns need them. Any other is a <see cref="RawJson"/> of the caller's own.</summary>
public static class InputItems
{
    public static RawJson User(string text) => Message("user", text);
    public static RawJson System(string text) => Message("system", text);
    public static RawJson Developer(string text) => Message("developer", text);

    /// <summary>A tool's result.</summary>
    public static RawJson FunctionOutput(string callId, string output)
    {
        ArgumentNullException.ThrowIfNull(callId);
        ArgumentNullException.ThrowIfNull(output);
        return new RawJson(JsonBuffer.Bytes((callId, output), static (json, result) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function_call_output"u8);
            json.WriteString("call_id"u8, result.callId);
            json.WriteString("output"u8, result.output);
            json.WriteEndObject();
        }));
    }

    private static RawJson Message(string role, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new RawJson(JsonBuffer.Bytes((role, text), static (json, message) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "message"u8);
            json.WriteString("role"u8, message.role);
            json.WriteString("content"u8, message.text);
            json.WriteEndObject();
        }));
    }
}
