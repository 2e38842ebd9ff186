using Samovar.Gateway.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>A tool with free text as its input, sent as a function with one string.</summary>
internal static class CustomTools
{
    public static readonly RawJson Parameters = RawJson.Of(
        """{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}}""" +
            ""","required":["input"],"additionalProperties":false}""");

    /// <summary>The description, with the grammar that the upstream cannot enforce.</summary>
    public static string? Description(Tool.Custom tool) => tool.Grammar is null
        ? tool.Description
        : $"{tool.Description}\n\nThe input must match this {tool.Syntax ?? "lark"} grammar:\n{tool.Grammar}".TrimStart();

    /// <summary>The arguments of the function call that stands for a custom call.</summary>
    public static string Arguments(string input) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("input"u8, input);
        writer.WriteEndObject();
    }).ToString();

    /// <summary>The input behind such arguments; a model that did not follow the schema gave the input itself.</summary>
    public static string Input(string arguments) => InputIn(arguments) ?? arguments;

    /// <summary>The input in arguments that follow the schema; null for others.</summary>
    public static string? InputIn(string arguments)
    {
        try
        {
            return RawJson.Of(arguments).Text("input"u8);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Always an object's schema: what else clients send as one, most APIs refuse with the whole request.</summary>
    public static RawJson ParametersOf(Tool tool) => tool is Tool.Function { Parameters: var parameters } && parameters.IsSet()
        ? ObjectSchema.Typed(parameters)
        : tool is Tool.Custom ? Parameters : ObjectSchema.Empty;

    public static string? DescriptionOf(Tool tool) => tool switch
    {
        Tool.Function function => function.Description,
        Tool.Custom custom => Description(custom),
        _ => null,
    };
}
