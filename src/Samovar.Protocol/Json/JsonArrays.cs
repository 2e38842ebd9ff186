using System.Text.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Json;

/// <summary>Reads one element and leaves the cursor on its end.</summary>
internal delegate T ElementRead<out T>(ref JsonCursor json);

/// <summary>Reads arrays within their bound, each element under its place in the path.</summary>
internal static class JsonArrays
{
    /// <summary>The elements of the current array.</summary>
    /// <remarks>Lists stay as long as their items: none is longer than it has to be, and most have one element.</remarks>
    public static IReadOnlyList<T> Elements<T>(this ref JsonCursor json, int max, ElementRead<T> read, string expected = "an array")
    {
        json.Expect(JsonTokenType.StartArray, expected);
        if (!json.NextElement()) return [];
        var first = Element(ref json, 0, max, read);
        if (!json.NextElement()) return [first];
        var elements = new List<T> { first };
        do elements.Add(Element(ref json, elements.Count, max, read));
        while (json.NextElement());
        elements.TrimExcess();
        return elements;
    }

    /// <summary>Hands each element of the current array to <paramref name="read"/>; one too many is an error.</summary>
    public static void Each<T>(this ref JsonCursor json, int max, T target, FieldRead<T> read, string expected = "an array")
    {
        json.Expect(JsonTokenType.StartArray, expected);
        for (var at = 0; json.NextElement(); at++)
        {
            Enter(ref json, at, max);
            read(ref json, target);
            json.Pop();
        }
    }

    private static T Element<T>(ref JsonCursor json, int at, int max, ElementRead<T> read)
    {
        Enter(ref json, at, max);
        var element = read(ref json);
        json.Pop();
        return element;
    }

    private static void Enter(ref JsonCursor json, int at, int max)
    {
        if (at == max) throw json.Fail(ArrayTooLong, json.Path, max);
        json.Push(at);
    }
}
