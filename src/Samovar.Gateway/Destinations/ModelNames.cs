namespace Samovar.Gateway.Destinations;

/// <summary>
/// Reads lists of <c>name</c> and <c>name=other</c>: model names may hold colons, which the configuration's own maps cannot.
/// </summary>
internal static class ModelNames
{
    /// <summary>Name → the other name, or the same.</summary>
    public static Dictionary<string, string> Read(IEnumerable<string> entries)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var (name, other) = Split(entry);
            names[name] = other ?? name;
        }
        return names;
    }

    public static (string Name, string? Other) Split(string entry) =>
        entry.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (entry[..at].Trim(), entry[(at + 1)..].Trim())
            : (entry.Trim(), null);
}
