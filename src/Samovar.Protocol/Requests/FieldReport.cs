using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>What a backend does not do of what a request asks for, by the field table.</summary>
public static class FieldReport
{
    private static readonly Dictionary<string, FieldRow[]> Inner = FieldRows.Of(FieldApi.Responses)
        .Where(row => !row.IsTop && !row.Path.Contains('[', StringComparison.Ordinal))
        .GroupBy(row => row.Path[..row.Path.IndexOf('.', StringComparison.Ordinal)], StringComparer.Ordinal)
        .ToDictionary(rows => rows.Key, rows => rows.ToArray(), StringComparer.Ordinal);

    /// <summary>What backends do with a field of a create request; null where the table does not know it.</summary>
    /// <remarks>What is refused as soon as it is read never asks a backend for anything: it is read here.</remarks>
    public static FieldUses? UsesOf(string field) =>
        FieldRows.OfRequest(field) is not { } row ? null : row.IsRefusedAtOnce ? FieldUses.Here : row.Uses;

    /// <summary>Refuses a request that asks for what this kind of backend would silently not do.</summary>
    /// <exception cref="ApiException">It does.</exception>
    public static void Refuse(CreateRequest request, Func<FieldUses, FieldUse> column)
    {
        foreach (var (name, value) in request.Fields)
            if (FieldRows.OfRequest(name) is { IsRefusedAtOnce: false } row && column(row.Uses) == FieldUse.Refused && Asks(value, row))
                throw new ApiException(UnsupportedParameter, name, name);
    }

    /// <summary>Names the fields that are left out and would have said something.</summary>
    /// <param name="column">Whether a field is left out.</param>
    /// <param name="innerOnly">Only what is in the objects of a request.</param>
    public static IEnumerable<string> LeftOut(CreateRequest request, Func<FieldUses, bool> column, bool innerOnly = false)
    {
        foreach (var (name, value) in request.Fields)
        {
            if (FieldRows.OfRequest(name) is not { } row || !Asks(value, row)) continue;
            if (column(row.Uses))
            {
                if (!innerOnly) yield return name;
            }
            else if (Inner.TryGetValue(name, out var inner))
            {
                foreach (var path in LeftOut(value, inner, column)) yield return path;
            }
        }
    }

    private static List<string> LeftOut(RawJson value, FieldRow[] inner, Func<FieldUses, bool> column)
    {
        var names = new List<string>();
        foreach (var row in inner)
            if (column(row.Uses) && Find(value, row.Path) is { IsEmpty: false } found && Asks(found, row)) names.Add(row.Path);
        return names;
    }

    /// <summary>The value at a path of two names or more, from the object that its first one is.</summary>
    private static RawJson Find(RawJson value, string path)
    {
        foreach (var name in path.Split('.').Skip(1))
        {
            if (value.IsEmpty || value.Utf8.Span[0] != (byte)'{') return default;
            value = Field(value, name);
        }
        return value;
    }

    private static RawJson Field(RawJson value, string name)
    {
        var json = new JsonCursor(value.Utf8, ProtocolLimits.None);
        json.Read();
        while (json.NextField())
        {
            var isIt = json.Text == name;
            json.Read();
            if (isIt) return json.Raw();
            json.Skip();
        }
        return default;
    }

    private static bool Asks(RawJson value, FieldRow row)
    {
        if (value.IsEmpty || value.IsNull || value.Utf8.Span.SequenceEqual("[]"u8)) return false;
        foreach (var idle in row.Idle)
            if (value.ToString() == $"\"{idle}\"") return false;
        return true;
    }
}
