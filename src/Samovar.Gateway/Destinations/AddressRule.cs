using System.Buffers;

namespace Samovar.Gateway.Destinations;

/// <summary>What configured addresses and paths may look like, so that a key goes where it is meant to and nowhere else.</summary>
public static class AddressRule
{
    private static readonly SearchValues<char> PathLetters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@%/?");

    /// <summary>What is wrong with a path on a destination's own host, as the end of a sentence; null where nothing is.</summary>
    public static string? FaultOfPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith('/')) return "does not begin with '/'";
        if (path.AsSpan().ContainsAnyExcept(PathLetters)) return "holds a character that no path may";
        if (path.Contains("//", StringComparison.Ordinal)) return "has '//' in it, which could name another host";
        return HasDots(path) ? "has '.' or '..' for a segment" : null;
    }

    /// <summary>What is wrong with an http or https address, as the end of a sentence; null where nothing is.</summary>
    public static string? FaultOfUrl(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            return "is not an http or https address";
        if (uri.UserInfo.Length > 0) return "must not hold a user name or a key";
        if (url.Any(letter => letter is '\\' or <= ' ' or >= '\u007f')) return "holds a character that no address may";
        if (url.AsSpan().ContainsAny('?', '#')) return "must end with its path: no '?', no '#'";
        var rooted = uri.AbsolutePath;
        if (rooted.Contains("//", StringComparison.Ordinal)) return "has '//' in its path";
        return HasDots(url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..]) ? "has '.' or '..' for a segment of its path" : null;
    }

    /// <summary>Also where they are written in percent: some servers read them so.</summary>
    private static bool HasDots(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var plain = (end < 0 ? path : path[..end]).Replace("%2e", ".", StringComparison.OrdinalIgnoreCase)
            .Replace("%2f", "/", StringComparison.OrdinalIgnoreCase).Replace("%5c", "/", StringComparison.OrdinalIgnoreCase);
        return plain.Split('/').Any(segment => segment is "." or "..");
    }
}
