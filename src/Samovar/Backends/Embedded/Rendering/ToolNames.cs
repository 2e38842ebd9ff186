using System.Security.Cryptography;
using System.Text;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Names of tools and calls as a model sees them: flat, short, and always the same for the same tool.</summary>
internal static class ToolNames
{
    /// <summary>Longest name that models and clients agree on.</summary>
    private const int LengthMax = 64;
    private const string Separator = "__";
    private const int DigestChars = 8;

    /// <summary>One name for a tool in a namespace; a name that would be too long ends in a digest of its whole.</summary>
    public static string Flatten(string? space, string name)
    {
        var flat = string.IsNullOrEmpty(space) ? name : space + Separator + name;
        return flat.Length <= LengthMax ? flat : flat[..(LengthMax - DigestChars - 1)] + "_" + Digest(flat, DigestChars);
    }

    /// <summary>A call id of nine letters and digits, for templates that take no other.</summary>
    public static string ShortCallId(string callId) =>
        callId.Length == 9 && callId.All(char.IsAsciiLetterOrDigit) ? callId : Digest(callId, 9);

    /// <summary>How ids begin that name their function: <c>functions.name:n</c>.</summary>
    public const string NamedIdStart = "functions.";

    /// <summary>Whether an id names this function, as models write ids that need no name beside them.</summary>
    public static bool IsNamedCallId(string callId, string? name)
    {
        var number = callId.LastIndexOf(':');
        return number > NamedIdStart.Length && callId.StartsWith(NamedIdStart, StringComparison.Ordinal)
            && (name is null || callId.AsSpan(NamedIdStart.Length, number - NamedIdStart.Length).SequenceEqual(name))
            && number + 1 < callId.Length && !callId.AsSpan(number + 1).ContainsAnyExceptInRange('0', '9');
    }

    private static string Digest(string text, int chars) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..chars];
}
