#if !NET9_0_OR_GREATER
namespace Samovar.Protocol.Ids;

/// <summary>What the framework has from .NET 9 on, by its name there.</summary>
internal static class LowerHex
{
    extension(Convert)
    {
        public static string ToHexStringLower(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes).ToLowerInvariant();
    }
}
#endif
