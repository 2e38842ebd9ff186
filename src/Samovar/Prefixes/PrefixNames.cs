using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;

namespace Samovar.Prefixes;

/// <summary>Names prefixes by whose they are and what they say: the same one has one id, and nobody without this server's key can tell from
/// an id what it names, or whether somebody else has the same.</summary>
internal sealed class PrefixNames(IdSource ids)
{
    private const int IdBytes = 16;
    private readonly Lazy<byte[]> _key = new(() => SHA256.HashData(Encoding.UTF8.GetBytes(ids.Next() + ids.Next())));

    /// <param name="tenant">Whose it is.</param>
    /// <param name="model">Its model's name.</param>
    /// <param name="identity">Its model's state.</param>
    /// <param name="tokens">Its tokens.</param>
    public PrefixId Of(TenantId tenant, string model, string identity, ReadOnlySpan<int> tokens)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Value);
        foreach (var part in (string[])[tenant.Value, model, identity])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length)); // so that no two lists of parts read the same
            hash.AppendData(Encoding.Unicode.GetBytes(part));
        }
        hash.AppendData(MemoryMarshal.AsBytes(tokens));
        return new PrefixId(PrefixId.Prefix + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, IdBytes)));
    }
}
