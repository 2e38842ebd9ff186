using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;

namespace Samovar.Storage.Chains;

/// <summary>
/// An item's id as the index has it: 16 bytes of a digest over tenant and id. Ids that begin with their time, as ours do, keep it in front,
/// so that what is new stands together and an index of millions is not written all over.
/// </summary>
internal static class ItemKey
{
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
    private const int TimeBytes = 6, OwnHexChars = 48;

    /// <summary>Of each key.</summary>
    public const int Bytes = 16;

    public static byte[] Of(TenantId tenant, string itemId)
    {
        // the tenant's length precedes it, so that no two pairs read the same
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant.Value.Length}:{tenant.Value}{itemId}"));
        var key = digest[..Bytes];
        var hex = itemId.AsSpan(itemId.LastIndexOf('_') + 1);
        if (hex.Length == OwnHexChars && !hex.ContainsAnyExcept(LowerHex))
            Convert.FromHexString(hex[..(2 * TimeBytes)], key, out _, out _);
        return key;
    }
}
