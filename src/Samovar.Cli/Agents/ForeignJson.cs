using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>Strings of answers that any server may have written.</summary>
internal static class ForeignJson
{
    private const string Unreadable = "\ufffd";

    /// <summary>The string; half a surrogate pair, which no text can hold, is replaced by a sign.</summary>
    public static string? AnyString(this JsonElement json)
    {
        try { return json.GetString(); }
        catch (InvalidOperationException) when (json.ValueKind == JsonValueKind.String) { return Unreadable; }
    }

    /// <summary>What a field says: its string, or the JSON that stands in its place; empty where there is none.</summary>
    public static string Said(this JsonElement json, ReadOnlySpan<byte> field) =>
        json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null ? ""
        : value.ValueKind == JsonValueKind.String ? value.AnyString()! : value.GetRawText();
}
