using Samovar.Engine;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Cuts and compares token paths, sharing what is equal.</summary>
internal static class TokenPaths
{
    /// <summary>The first <paramref name="length"/> tokens of a path, sharing its memory but for the last few.</summary>
    public static TokenPath Cut(TokenPath path, int length, out int copied)
    {
        copied = 0;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)path.Length, nameof(length));
        var at = path;
        while (at.Length - at.Own.Length >= length && at.Parent is not null) at = at.Parent;
        if (at.Length == length) return at;
        copied = length - (at.Length - at.Own.Length);
        return (at.Parent ?? TokenPath.Empty).Append(at.Own[..copied]);
    }

    /// <summary>
    /// A path of exactly these tokens that shares with <paramref name="earlier"/> all they have in common at their start.
    /// </summary>
    /// <param name="earlier">The path to share with.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="common">Tokens that both have at their start.</param>
    /// <param name="copied">Those of them whose memory is not shared.</param>
    public static TokenPath Share(TokenPath? earlier, int[] tokens, out int common, out int copied)
    {
        (common, copied) = (0, 0);
        if (earlier is null) return TokenPath.Empty.Append(tokens);
        common = earlier.ToArray().AsSpan().CommonPrefixLength(tokens);
        return Cut(earlier, common, out copied).Append(tokens.AsMemory(common));
    }

    public static int? Last(TokenPath path) => path.Length == 0 ? null : path.Own.Span[^1];
}
