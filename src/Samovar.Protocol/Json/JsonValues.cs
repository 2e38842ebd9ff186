using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Json;

/// <summary>Reads single values with their checks; null counts as absent where the name says optional.</summary>
internal static class JsonValues
{
    public static void Expect(this ref JsonCursor json, JsonTokenType token, string what)
    {
        if (json.Token != token) throw json.WrongType(what);
    }

    public static ApiException WrongType(this ref JsonCursor json, string expected)
    {
        var path = json.Path;
        return json.Fail(InvalidType, path.Length > 0 ? path : "the request", expected, Found(ref json));
    }

    /// <summary>The error for a field that the current object should have.</summary>
    public static ApiException Missing(this ref JsonCursor json, string field)
    {
        json.Push(field);
        return json.Fail(MissingParameter, json.Path);
    }

    public static string Text(this ref JsonCursor json, int charsMax, int charsMin = 0)
    {
        json.Expect(JsonTokenType.String, "a string");
        var text = json.Text;
        if (text.Length > charsMax && CharsOf(text) is var chars && chars > charsMax)
            throw json.Fail(StringTooLong, json.Path, charsMax, chars);
        if (text.Length < charsMin) throw json.Fail(StringTooShort, json.Path, charsMin);
        return text;
    }

    /// <summary>Characters as the protocol counts them: an emoji is one, not the two that it is in UTF-16.</summary>
    public static int CharsOf(string text) => text.Length - text.Count(char.IsHighSurrogate);

    public static string? OptionalText(this ref JsonCursor json, int charsMax) => json.IsNull ? null : json.Text(charsMax);

    /// <summary>A name or id: not empty.</summary>
    public static string NameText(this ref JsonCursor json) => json.Text(json.Limits.NameCharsMax, charsMin: 1);

    public static string? OptionalName(this ref JsonCursor json) => json.IsNull ? null : json.NameText();

    /// <summary>One of a few words.</summary>
    public static string? OptionalWord(this ref JsonCursor json, IReadOnlyList<string> words)
    {
        if (json.IsNull) return null;
        if (!json.Limits.ChecksValues) return json.NameText();
        json.Expect(JsonTokenType.String, "a string");
        var text = json.Text;
        if (!words.Contains(text, StringComparer.Ordinal)) throw json.Fail(InvalidValue, text, new OwnWords(Listed(words)));
        return text;
    }

    public static bool? OptionalBool(this ref JsonCursor json) => json.Token switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw json.WrongType("a boolean"),
    };

    public static long? OptionalInteger(this ref JsonCursor json, long min, long max)
    {
        if (json.IsNull) return null;
        if (json.Token != JsonTokenType.Number || !IsWhole(json.NumberText)) throw json.WrongType("an integer");
        if (!json.TryGetInt64(out var value)) value = json.NumberText[0] == (byte)'-' ? long.MinValue : long.MaxValue;
        if (value < min) throw json.Fail(IntegerBelowMin, json.Path, min, value);
        return value <= max ? value : throw json.Fail(IntegerAboveMax, json.Path, max, value);
    }

    public static int? OptionalInt(this ref JsonCursor json, int min, int max = int.MaxValue) => (int?)json.OptionalInteger(min, max);

    public static double? OptionalNumber(this ref JsonCursor json, double min, double max)
    {
        if (json.IsNull) return null;
        if (json.Token != JsonTokenType.Number || !json.TryGetDouble(out var value)) throw json.WrongType("a number");
        if (value < min) throw json.Fail(DecimalBelowMin, json.Path, min, value);
        return value <= max ? value : throw json.Fail(DecimalAboveMax, json.Path, max, value);
    }

    /// <summary>The current object, kept whole.</summary>
    public static RawJson ObjectRaw(this ref JsonCursor json)
    {
        json.Expect(JsonTokenType.StartObject, "an object");
        return json.Raw();
    }

    public static RawJson OptionalObjectRaw(this ref JsonCursor json) => json.IsNull ? default : json.ObjectRaw();

    private static bool IsWhole(ReadOnlySpan<byte> number) => number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    private static string Found(ref JsonCursor json) => json.Token switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => IsWhole(json.NumberText) ? "an integer" : "a decimal number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };

    private static string Listed(IReadOnlyList<string> words) => words.Count == 1
        ? $"'{words[0]}'"
        : string.Create(CultureInfo.InvariantCulture, $"'{string.Join("', '", words.Take(words.Count - 1))}' and '{words[^1]}'");
}
