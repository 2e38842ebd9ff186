using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>Strings of answers that any server may have written.</summary>
internal static class ForeignJson
{
    private const string Unreadable = "\ufffd";

    /// <summary>The string; where half a surrogate pair stands in it, which no text can hold, a sign for it.</summary>
    public static string? AnyString(this JsonElement json)
    {
        try { return json.GetString(); }
        catch (InvalidOperationException) when (json.ValueKind == JsonValueKind.String) { return Unreadable; }
    }
}
