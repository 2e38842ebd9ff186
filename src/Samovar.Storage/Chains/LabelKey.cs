using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>A label as the index has it: 16 bytes of a digest over tenant, key and value, whatever characters those are of.</summary>
internal static class LabelKey
{
    private const int Bytes = 16;

    /// <summary>Lengths precede what they measure, so that no two labels read the same.</summary>
    public static byte[] Of(TenantId tenant, CompletionLabel label)
    {
        var key = label.Key is { } named ? string.Create(CultureInfo.InvariantCulture, $"{named.Length}:{named}") : "model:";
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant.Value.Length}:{tenant.Value}{key}{label.Value}"))[..Bytes];
    }
}
