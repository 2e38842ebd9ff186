using System.Text.Json;

namespace Samovar.Bench.Traces;

/// <summary>A value of a trace's JSON that knows where it stands, for those who have to mend the file.</summary>
internal readonly record struct TraceValue(string File, string Place, JsonElement Json)
{
    /// <summary>A field that has to be there.</summary>
    public TraceValue this[string name] => Find(name) ?? throw Wrong($"has no '{name}'");

    /// <summary>A field that may be absent, or null.</summary>
    public TraceValue? Find(string name)
    {
        if (Json.ValueKind != JsonValueKind.Object) throw Wrong("is no object");
        return Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new TraceValue(File, Place.Length == 0 ? name : $"{Place}.{name}", value) : null;
    }

    public IEnumerable<TraceValue> Items(int most)
    {
        if (Json.ValueKind != JsonValueKind.Array) throw Wrong("is no list");
        if (Json.GetArrayLength() > most) throw Wrong($"has {Json.GetArrayLength()} entries; {most} are read");
        var (file, place) = (File, Place);
        return Json.EnumerateArray().Select((item, index) => new TraceValue(file, $"{place}[{index}]", item));
    }

    public string Text() => Json.ValueKind == JsonValueKind.String ? Json.GetString()! : throw Wrong("is no text");

    public int Whole(int least, int most) =>
        Json.ValueKind == JsonValueKind.Number && Json.TryGetInt32(out var value) && value >= least && value <= most ? value
            : throw Wrong($"is no whole number from {least} to {most}");

    /// <summary>A time in units of so many seconds.</summary>
    public TimeSpan Time(double seconds = 1)
    {
        const double SecondsMax = 366 * 24 * 3600d;
        return Json.ValueKind == JsonValueKind.Number && Json.TryGetDouble(out var value) && value >= 0 && value * seconds <= SecondsMax
            ? TimeSpan.FromSeconds(value * seconds) : throw Wrong("is no time from 0 to a year");
    }

    public TraceFileException Wrong(string what) => new(File, $"{(Place.Length == 0 ? "the trace" : Place)} {what}.");
}
