using System.Globalization;

namespace Samovar.Protocol.Translation;

/// <summary>Takes the paths of fields apart, such as <c>tools[2].parameters</c>.</summary>
internal static class PathNames
{
    private const string AnyIndex = "[]";

    /// <summary>The same place under another name; null if it is not in this field.</summary>
    public static string? Renamed(string param, string ours, string theirs)
    {
        var any = ours.IndexOf(AnyIndex, StringComparison.Ordinal);
        if (any >= 0)
        {
            if (!param.StartsWith(ours[..any], StringComparison.Ordinal) || IndexAt(param, any) is not var (_, end)) return null;
            var index = param[any..end];
            ours = ours.Replace(AnyIndex, index, StringComparison.Ordinal);
            theirs = theirs.Replace(AnyIndex, index, StringComparison.Ordinal);
        }
        var isWithin = param.Length == ours.Length || (param.Length > ours.Length && param[ours.Length] is ('.' or '[' or '/'));
        return isWithin && param.StartsWith(ours, StringComparison.Ordinal) ? theirs + param[ours.Length..] : null;
    }

    /// <summary>The number in brackets that begins at a place, and where it ends.</summary>
    public static (int Index, int End)? IndexAt(string text, int at)
    {
        if (at < 0 || at >= text.Length || text[at] != '[') return null;
        var close = text.IndexOf(']', at);
        if (close < 0 || !int.TryParse(text.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return null;
        return (index, close + 1);
    }
}
