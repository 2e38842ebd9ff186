using System.Text.Json;
using Microsoft.Extensions.AI;
using Samovar.Protocol.Json;

namespace Samovar.Client.Chat;

/// <summary>Tools, and which of them must be called.</summary>
internal static class ToolMapping
{
    public static RawJson Of(IEnumerable<AITool> tools) => ChatJson.Array(tools, Write);

    public static RawJson Choice(ChatToolMode? mode) => mode switch
    {
        NoneChatToolMode => ChatJson.Text("none"),
        AutoChatToolMode => ChatJson.Text("auto"),
        RequiredChatToolMode { RequiredFunctionName: { } name } => ChatJson.Object(json =>
        {
            json.WriteString("type"u8, "function"u8);
            json.WriteString("name"u8, name);
        }),
        RequiredChatToolMode => ChatJson.Text("required"),
        _ => default,
    };

    private static void Write(Utf8JsonWriter json, AITool tool)
    {
        json.WriteStartObject();
        switch (tool)
        {
            case AIFunctionDeclaration function:
                json.WriteString("type"u8, "function"u8);
                json.WriteString("name"u8, function.Name);
                if (function.Description.Length > 0) json.WriteString("description"u8, function.Description);
                json.WritePropertyName("parameters"u8);
                function.JsonSchema.WriteTo(json);
                if (function.AdditionalProperties.TryGetValue("strict", out var strict) && strict is bool isStrict)
                    json.WriteBoolean("strict"u8, isStrict);
                break;
            case HostedWebSearchTool: json.WriteString("type"u8, "web_search"u8); break;
            case HostedCodeInterpreterTool:
                json.WriteString("type"u8, "code_interpreter"u8);
                json.WriteStartObject("container"u8);
                json.WriteString("type"u8, "auto"u8);
                json.WriteEndObject();
                break;
            default: throw new NotSupportedException(
                $"The tool '{tool.Name}' is of a kind that a Responses server is not told of here: {tool.GetType().Name}.");
        }
        json.WriteEndObject();
    }
}
