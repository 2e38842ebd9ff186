using System.Security.Cryptography;

namespace Samovar.Cli.Pull;

/// <summary>The SHA-256 of a file that may be large.</summary>
internal static class ContentHash
{
    private const int CopyBytes = 1 << 20;

    /// <param name="read">Told of each piece.</param>
    /// <returns>In lower-case hex.</returns>
    public static async Task<string> OfAsync(Stream content, Action<long> read, CancellationToken userGone)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[CopyBytes];
        while (await content.ReadAsync(buffer, userGone) is > 0 and var count)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            read(count);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
