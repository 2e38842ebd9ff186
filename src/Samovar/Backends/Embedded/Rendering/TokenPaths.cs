using Samovar.Engine;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Cuts and compares token paths, sharing what is equal.</summary>
internal static class TokenPaths
{
    /// <summary>The first <paramref name="length"/> tokens of a path, sharing its memory.</summary>
    public static TokenPath Cut(TokenPath path, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)path.Length, nameof(length));
        var at = path;
        while (at.Length - at.Own.Length >= length && at.Parent is not null) at = at.Parent;
        if (at.Length == length) return at;
        var before = at.Length - at.Own.Length;
        return (at.Parent ?? TokenPath.Empty).Append(at.Own[..(length - before)]);
    }

    /// <summary>
    /// A path of exactly these tokens that shares with <paramref name="earlier"/> all they have in common at their start.
    /// </summary>
    public static TokenPath Share(TokenPath? earlier, int[] tokens, out int common)
    {
        common = 0;
        if (earlier is null) return TokenPath.Empty.Append(tokens);
        common = earlier.ToArray().AsSpan().CommonPrefixLength(tokens);
        return Cut(earlier, common).Append(tokens.AsMemory(common));
    }

    public static int? Last(TokenPath path) => path.Length == 0 ? null : path.Own.Span[^1];
}
