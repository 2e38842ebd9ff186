using System.Globalization;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Json;

/// <summary>A count of tokens in an upstream's usage.</summary>
internal static class TokenCount
{
    public const int CountMax = 1_000_000_000; // more is no count, and sums stay in range

    /// <summary>Null where it is missing or no count; some write it as text, some write -1 for what they do not know.</summary>
    public static int? Of(RawJson usage, ReadOnlySpan<byte> name)
    {
        var count = usage.Number(name);
        if (count is null && int.TryParse(usage.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var written))
            count = written;
        return count is >= 0 and <= CountMax ? count : null;
    }

    /// <summary>Null where the input is missing: no prompt has no tokens, and zero would be taken for a count.</summary>
    public static Usage? Whole(Usage? usage) => usage is { InputTokens: > 0 } ? usage : null;

    /// <summary>The same figures where no part is larger than its whole: clients subtract them.</summary>
    public static Usage Consistent(Usage usage)
    {
        var cached = Math.Min(usage.CachedTokens, usage.InputTokens);
        return usage with
        {
            CachedTokens = cached,
            CacheWriteTokens = Math.Min(usage.CacheWriteTokens, usage.InputTokens - cached),
            ReasoningTokens = Math.Min(usage.ReasoningTokens, usage.OutputTokens),
        };
    }
}
