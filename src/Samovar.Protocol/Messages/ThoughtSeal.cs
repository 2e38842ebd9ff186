namespace Samovar.Protocol.Messages;

/// <summary>
/// How thoughts of the Messages API stand in a reasoning item's <c>encrypted_content</c>, and sealed reasoning of others in a thought's
/// <c>signature</c>: each under a mark that distinguishes it from the other, so that it finds its way back to the service that can open it.
/// </summary>
internal static class ThoughtSeal
{
    public const string Signed = "anthropic-signature:";
    public const string Redacted = "anthropic-redacted:";
    private const string Foreign = "samovar-sealed:";

    /// <summary>The signature of a thought that was never sealed. Not empty: clients drop thoughts without one.</summary>
    private const string Open = "samovar-open";

    /// <summary>What a reasoning item keeps of a thought's signature; null for nothing.</summary>
    public static string? SealOf(string? signature)
    {
        if (signature is not { Length: > 0 } || signature == Open) return null;
        return signature.StartsWith(Foreign, StringComparison.Ordinal) ? signature[Foreign.Length..] : Signed + signature;
    }

    /// <summary>The signature that a client is shown for a reasoning item.</summary>
    public static string SignatureOf(string? seal)
    {
        if (seal is null) return Open;
        // An upstream Samovar's open thought must go back to it as it came.
        var isPlain = seal.StartsWith(Signed, StringComparison.Ordinal) && seal != Signed + Open;
        return isPlain ? seal[Signed.Length..] : Foreign + seal;
    }

    /// <summary>Whether it is of a thought of the Messages API, which means nothing to services of other protocols.</summary>
    public static bool IsOfMessages(string? seal) => seal is not null
        && (seal.StartsWith(Signed, StringComparison.Ordinal) || seal.StartsWith(Redacted, StringComparison.Ordinal));

    /// <summary>The data of a redacted thought; null for another.</summary>
    public static string? RedactedData(string? seal) =>
        seal is not null && seal.StartsWith(Redacted, StringComparison.Ordinal) ? seal[Redacted.Length..] : null;
}
