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

    /// <summary>
    /// The same figures where each part is in its whole: clients subtract them. Some count the thought beside the output, or what came from
    /// the cache beside the input: then the total is more than the two, or a part is more than its whole can hold.
    /// </summary>
    /// <param name="total">Of input and output, as the upstream states it; null where it does not.</param>
    /// <param name="hasInput">Whether the upstream stated the input: of none, nothing is a part.</param>
    public static Usage Consistent(Usage usage, int? total, bool hasInput)
    {
        var (input, output) = (usage.InputTokens, usage.OutputTokens);
        var (cached, written, reasoning) = (usage.CachedTokens, usage.CacheWriteTokens, usage.ReasoningTokens);
        if (!hasInput) (cached, written) = (0, 0);
        else if (total - input - output is > 0 and var beside)
        {
            var (ofInput, ofOutput) = Shares(beside, cached, written, reasoning);
            (input, output) = (input + ofInput, output + ofOutput);
        }
        if (cached > input) input = Sum(input, Sum(cached, written));
        else if (written > input - cached) input = Sum(input, written);
        written = Math.Min(written, input - cached); // at the bound of all counts
        if (reasoning > output) output = Sum(output, reasoning);
        return usage with
        {
            InputTokens = input, CachedTokens = cached, CacheWriteTokens = written, OutputTokens = output, ReasoningTokens = reasoning,
        };
    }

    /// <summary>What the total has beyond input and output is what was counted beside them; where nothing explains it, output, as with
    /// Gemini's thoughts.</summary>
    private static (int OfInput, int OfOutput) Shares(int beside, int cached, int written, int reasoning)
    {
        foreach (var prompt in (ReadOnlySpan<int>)[0, Sum(cached, written), cached, written])
        {
            if (prompt > 0 && beside == prompt) return (prompt, 0);
            if (reasoning > 0 && beside == Sum(prompt, reasoning)) return (prompt, reasoning);
        }
        return (0, beside);
    }

    private static int Sum(int one, int other) => (int)Math.Min((long)one + other, CountMax);
}
