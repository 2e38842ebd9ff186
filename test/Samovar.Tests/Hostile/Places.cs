using System.Text;
using System.Text.Json;

namespace Samovar.Tests.Hostile;

/// <summary>The places of a JSON text: each name of a field, each value.</summary>
internal static class Places
{
    /// <summary>The text with each nasty value in each place, one at a time.</summary>
    public static IEnumerable<(string Place, byte[] Request)> Filled(string sample)
    {
        var json = Encoding.UTF8.GetBytes(sample);
        foreach (var place in Of(json))
        {
            var where = Where(json, place);
            for (var i = 0; i < NastyJson.Strings.Count; i++) yield return ($"string {i} {where}", With(json, place, NastyJson.Strings[i]));
            if (place.IsName) continue;
            for (var i = 0; i < NastyJson.Values.Count; i++) yield return ($"value {i} {where}", With(json, place, NastyJson.Values[i]));
        }
    }

    /// <summary>Every nasty value somewhere, and something nasty in every place: where a request is dear.</summary>
    public static IEnumerable<(string Place, byte[] Request)> Sampled(string sample, int step) =>
        Filled(sample).Where((_, at) => at % step == 0);

    /// <summary>So much of it, and all of it where the variable <c>ALL_PLACES</c> is set.</summary>
    public static IEnumerable<(string Place, byte[] Request)> Asked(string sample, int step) =>
        Environment.GetEnvironmentVariable("ALL_PLACES") is null ? Sampled(sample, step) : Filled(sample);

    private static string Where(byte[] json, Place place)
    {
        var from = Math.Max(0, place.Start - 40);
        return $"{(place.IsName ? "as name" : "as value")} at {place.Start}, behind {Encoding.UTF8.GetString(json[from..place.Start])}";
    }

    private static byte[] With(byte[] json, Place place, byte[] nasty) => [.. json[..place.Start], .. nasty, .. json[place.End..]];

    private static List<Place> Of(byte[] json)
    {
        var places = new List<Place>();
        var open = new Stack<int>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray: open.Push(start); break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray: places.Add(new Place(open.Pop(), end, IsName: false)); break;
                case JsonTokenType.PropertyName: places.Add(new Place(start, start + reader.ValueSpan.Length + 2, IsName: true)); break;
                default: places.Add(new Place(start, end, IsName: false)); break;
            }
        }
        return places;
    }

    private sealed record Place(int Start, int End, bool IsName);
}
