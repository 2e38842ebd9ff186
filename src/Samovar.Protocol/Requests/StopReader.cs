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
        json.Expect(JsonTokenType.StartArray, "a string or an array");
        var max = json.Limits.StopsMax;
        var stops = new List<string>();
        while (json.NextElement())
        {
            if (stops.Count == max) throw json.Fail(ArrayTooLong, json.Path, max);
            json.Push(stops.Count);
            stops.Add(json.NameText());
            json.Pop();
        }
        return stops;
    }
}
