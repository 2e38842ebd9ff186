using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>include</c>.</summary>
internal static class IncludeReader
{
    public static IReadOnlyList<string> Read(ref JsonCursor json)
    {
        if (json.IsNull) return [];
        return json.Elements(
            json.Limits.IncludeMax, static (ref json) => Forms.Includable.Read(ref json) ?? throw json.WrongType("a string"));
    }
}
