namespace Samovar.Grammars.Rules;

/// <summary>Places in a schema, for errors.</summary>
internal static class SchemaPath
{
    private const int NameCharsMax = 80;

    /// <summary>One step further; a very long name is cut.</summary>
    public static string Into(string path, string name) => $"{path}/{Cut(name)}";

    /// <summary>A text that others wrote, short enough for a message.</summary>
    public static string Cut(string text) => text.Length <= NameCharsMax ? text
        : string.Concat(text.AsSpan(0, NameCharsMax - (char.IsHighSurrogate(text[NameCharsMax - 1]) ? 1 : 0)), "…");
}
