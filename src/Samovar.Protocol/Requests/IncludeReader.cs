using System.Text.Json;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>include</c>.</summary>
internal static class IncludeReader
{
    private static readonly string[] Known =
    [
        "file_search_call.results", "web_search_call.results", "web_search_call.action.sources", "message.input_image.image_url",
        "computer_call_output.output.image_url", "code_interpreter_call.outputs", "reasoning.encrypted_content",
        "message.output_text.logprobs",
    ];

    public static IReadOnlyList<string> Read(ref JsonCursor json)
    {
        if (json.IsNull) return [];
        return json.Elements(json.Limits.IncludeMax, static (ref json) => json.OptionalWord(Known) ?? throw json.WrongType("a string"));
    }
}
