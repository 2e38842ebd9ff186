using System.Globalization;
using System.Text.Json;

namespace Samovar.Protocol.Json;

/// <summary>Reads what somebody else's server sent: a value of another type than expected is passed over, never an error.</summary>
internal static class JsonLenient
{
    public static string? TextOrNull(this ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return json.Text;
        json.Skip();
        return null;
    }

    /// <summary>A whole number, or null; one with a fraction of zero counts.</summary>
    public static long? LongOrNull(this ref JsonCursor json)
    {
        if (json.Token != JsonTokenType.Number)
        {
            json.Skip();
            return null;
        }
        if (json.TryGetInt64(out var value)) return value;
        return json.TryGetDouble(out var number) && Math.Abs(number) < 1L << 53 ? (long)number : null;
    }

    public static int? IntOrNull(this ref JsonCursor json) =>
        json.LongOrNull() is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    /// <summary>A number of seconds, also as text.</summary>
    public static TimeSpan? SecondsOrNull(this ref JsonCursor json)
    {
        double seconds;
        var isNumber = json.Token switch
        {
            JsonTokenType.Number => json.TryGetDouble(out seconds),
            JsonTokenType.String => double.TryParse(json.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds),
            _ => Skipped(ref json, out seconds),
        };
        return isNumber && seconds is >= 0 and < 1e6 ? TimeSpan.FromSeconds(seconds) : null;
    }

    public static void ObjectOrSkip<T>(this ref JsonCursor json, FieldTable<T> table, T target)
    {
        if (json.Token == JsonTokenType.StartObject) json.Object(table, target);
        else json.Skip();
    }

    private static bool Skipped(ref JsonCursor json, out double seconds)
    {
        seconds = 0;
        json.Skip();
        return false;
    }
}
