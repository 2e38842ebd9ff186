using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>What a server is told and must not say again. Plain words in a header or an address are none: tools may be called so.</summary>
internal static class ToldSecrets
{
    private const int CharsMin = 6; // a shorter one is in too many words
    private const int KeyCharsMin = 16;
    private static readonly string[] NameParts = ["auth", "key", "token", "secret", "cookie", "password"];

    /// <summary>All of a session's, the longest first: one may hold another.</summary>
    public static string[] Of(ToolCredentials credentials, IEnumerable<string> operators) =>
    [
        .. credentials.Headers.SelectMany(static header => OfField(header.Key, header.Value))
            .Concat(credentials.Authorization is { } token ? Forms(token) : []).Concat(operators)
            .Where(static secret => secret.Length >= CharsMin).Distinct(StringComparer.Ordinal)
            .OrderByDescending(static secret => secret.Length),
    ];

    /// <summary>A value that nobody shows, also without the scheme before it.</summary>
    public static IEnumerable<string> Forms(string value) =>
        value.IndexOf(' ', StringComparison.Ordinal) is > 0 and var at ? [value, value[(at + 1)..].Trim()] : [value];

    /// <summary>What stands behind '?', as it stands there and as it is meant.</summary>
    public static IEnumerable<string> OfQuery(Uri address) => address.Query.TrimStart('?').Split('&').SelectMany(static part =>
    {
        var at = part.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = (at < 0 ? "" : part[..at], part[(at + 1)..]);
        return OfField(name, value).Concat(OfField(name, Uri.UnescapeDataString(value.Replace('+', ' '))));
    });

    private static IEnumerable<string> OfField(string name, string value) =>
        Array.Exists(NameParts, part => name.Contains(part, StringComparison.OrdinalIgnoreCase))
            ? Forms(value) : Forms(value).Where(IsLikeKey);

    private static bool IsLikeKey(string value) => value.Length >= KeyCharsMin && !IsWord(value);

    private static bool IsWord(string value) => value.All(char.IsAsciiLetter)
        && (value.AsSpan(1).IndexOfAnyInRange('A', 'Z') < 0 || value.AsSpan().IndexOfAnyInRange('a', 'z') < 0);
}
