using System.Security.Cryptography;

namespace Samovar.Compaction;

/// <summary>A key that seals compactions, by its name.</summary>
/// <param name="Name">Stands in each seal, so that keys can change.</param>
/// <param name="Bytes">The key itself.</param>
internal sealed record SealKey(string Name, byte[] Bytes)
{
    public const int BytesCount = 32;
    private const int NameCharsMax = 32;
    private const int NameBytes = 6;

    /// <summary>A new key under a name of its own.</summary>
    public static SealKey Make() =>
        new("k" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes)), RandomNumberGenerator.GetBytes(BytesCount));

    /// <summary>Whether a key can have this name: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= NameCharsMax
        && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    public override string ToString() => Name; // never the key
}
