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
}
