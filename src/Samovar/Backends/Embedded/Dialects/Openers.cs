namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Texts that change what a model's output means, looked for as it comes.</summary>
internal static class Openers
{
    /// <summary>The first of these texts; or, with none, how much of the text surely belongs to no beginning of one.</summary>
    public static (int At, string? Found) Find(ReadOnlySpan<char> text, IReadOnlyList<string> openers, bool isLast)
    {
        var (at, found) = (text.Length, (string?)null);
        foreach (var opener in openers)
        {
            var index = text.IndexOf(opener, StringComparison.Ordinal);
            if (index >= 0 && index < at) (at, found) = (index, opener);
        }
        if (found is not null || isLast) return (at, found);
        foreach (var opener in openers) at = Math.Min(at, Held(text, opener));
        return (at, null);
    }

    /// <summary>Where the text ends with a beginning of the opener.</summary>
    private static int Held(ReadOnlySpan<char> text, string opener)
    {
        for (var from = Math.Max(0, text.Length - opener.Length + 1); from < text.Length; from++)
            if (opener.AsSpan().StartsWith(text[from..], StringComparison.Ordinal)) return from;
        return text.Length;
    }
}
