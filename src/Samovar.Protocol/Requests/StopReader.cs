using System.Text.Json;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>stop</c>: one text, or some.</summary>
internal static class StopReader
{
    public static IReadOnlyList<string> Read(ref JsonCursor json)
    {
        if (json.IsNull) return [];
        if (json.Token == JsonTokenType.String) return [json.NameText()];
        return json.Elements(json.Limits.StopsMax, static (ref json) => json.NameText(), "a string or an array");
    }
}
