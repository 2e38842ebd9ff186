using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Gateway.Tools;

/// <summary>
/// Names and ids as strict APIs take them: letters, digits, <c>_</c> and <c>-</c>, at least one and at most 64. What fits stays; the same
/// text always becomes the same name, so that a history reads the same in every turn.
/// </summary>
internal static class FittingName
{
    /// <summary>Characters of a name.</summary>
    public const int LengthMax = 64;

    private const int HashLength = 12;
    private static readonly SearchValues<char> Fitting =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <param name="text">The name.</param>
    /// <param name="lengthMax">Its characters, where more than usual are taken.</param>
    public static bool Is(string text, int lengthMax = LengthMax) =>
        text.Length > 0 && text.Length <= lengthMax && !text.AsSpan().ContainsAnyExcept(Fitting);

    public static string Of(string text) => Is(text) ? text : Marked(text, text);

    /// <summary>What begins like the text and ends in a mark of the whole.</summary>
    /// <param name="text">Says what it is.</param>
    /// <param name="whole">Tells it from all others.</param>
    /// <param name="hashLength">Characters of the mark.</param>
    public static string Marked(string text, string whole, int hashLength = HashLength)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..hashLength];
        var start = string.Concat(text.Take(LengthMax - hashLength - 1).Select(one => Fitting.Contains(one) ? one : '_'));
        return $"{start}_{hash}";
    }
}
