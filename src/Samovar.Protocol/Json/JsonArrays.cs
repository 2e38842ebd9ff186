using System.Text.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Json;

/// <summary>Reads one element and leaves the cursor on its end.</summary>
internal delegate T ElementRead<out T>(ref JsonCursor json);

/// <summary>Reads arrays within their bound, each element under its place in the path.</summary>
internal static class JsonArrays
{
    /// <summary>The elements of the current array.</summary>
    public static List<T> Elements<T>(this ref JsonCursor json, int max, ElementRead<T> read, string expected = "an array")
    {
        var elements = new List<T>(1); // most have one part, and lists stay as long as their items
        json.Each(max, (elements, read), static (ref json, to) => to.elements.Add(to.read(ref json)), expected);
        return elements;
    }

    /// <summary>Hands each element of the current array to <paramref name="read"/>; one too many is an error.</summary>
    public static void Each<T>(this ref JsonCursor json, int max, T target, FieldRead<T> read, string expected = "an array")
    {
        json.Expect(JsonTokenType.StartArray, expected);
        for (var at = 0; json.NextElement(); at++)
        {
            if (at == max) throw json.Fail(ArrayTooLong, json.Path, max);
            json.Push(at);
            read(ref json, target);
            json.Pop();
        }
    }
}
