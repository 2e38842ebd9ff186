using System.Collections.Frozen;

namespace Samovar.Protocol.Responses;

/// <summary>A field of a request, as a path: <c>input[7].content[0].text</c>.</summary>
internal static class FieldPlace
{
    private const int CharsMax = 256;

    /// <summary>Fields that the API itself names, as far as prompts have them.</summary>
    private static readonly FrozenSet<string> Named = FrozenSet.ToFrozenSet(
    [
        "action", "annotations", "arguments", "call_id", "chat_template_kwargs", "content", "data", "defer_loading", "definition",
        "description", "detail", "effort", "encrypted_content", "file_data", "file_id", "file_url", "filename", "format", "image_url",
        "input", "input_audio", "instructions", "model", "name", "namespace", "output", "parameters", "phase", "reasoning", "refusal",
        "role", "schema", "strict", "summary", "syntax", "text", "tools", "type",
    ], StringComparer.Ordinal);

    /// <summary>Those whose own fields have names of the client's.</summary>
    private static readonly FrozenSet<string> Opaque =
        FrozenSet.ToFrozenSet(["action", "annotations", "chat_template_kwargs", "parameters", "schema"], StringComparer.Ordinal);

    /// <summary>The path as far as it may be shown: a client may name fields as it likes.</summary>
    public static string Bounded(string path) => path.Length <= CharsMax ? path
        : path[..(char.IsHighSurrogate(path[CharsMax - 1]) ? CharsMax - 1 : CharsMax)] + "…";

    /// <summary>The path up to the last field that the API names.</summary>
    public static string OfApi(string path)
    {
        var length = 0;
        foreach (var part in path.Split('.'))
        {
            var name = part[..(part.IndexOf('[', StringComparison.Ordinal) is >= 0 and var at ? at : part.Length)];
            var index = part[name.Length..];
            if (!Named.Contains(name) || !index.All(static sign => sign is '[' or ']' || char.IsAsciiDigit(sign))) break;
            length += (length == 0 ? 0 : 1) + part.Length;
            if (Opaque.Contains(name)) break;
        }
        return path[..length];
    }
}
