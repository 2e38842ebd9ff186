using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Gateway.Faults;

/// <summary>
/// The longest answer that a model can still make, where an upstream that refuses the one that was asked for names the numbers: an answer
/// whose length its client left to us is asked for again with what there is.
/// </summary>
internal static partial class OutputRoom
{
    /// <summary>Less room than that is no room: the conversation is what is too long then.</summary>
    private const int TokensMin = 256;
    private const int MatchMilliseconds = 1000;

    /// <param name="fault">What the upstream says.</param>
    /// <param name="asked">What it was asked for.</param>
    /// <returns>Null where it does not say that, or no room is left.</returns>
    public static int? Of(UpstreamFault fault, int asked)
    {
        if (fault is not { Kind: FaultKind.Refused, IsQuoted: true }) return null;
        foreach (var form in new[] { AboveLimit(), AboveContext(), AboveModel(), BothAboveContext() })
        {
            if (form.Match(fault.Message) is not { Success: true } said) continue;
            if (Number(said, "asked") is { } own && own != asked) continue; // it speaks of something else
            var room = (Number(said, "limit") ?? 0) - (Number(said, "input") ?? 0);
            if (room >= TokensMin && room < asked) return (int)room;
        }
        return null;
    }

    private static long? Number(Match said, string name) => said.Groups[name] is { Success: true, Value: var digits }
        && long.TryParse(digits.Replace(",", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : null;

    /// <summary><c>max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens for …</c> (Anthropic).</summary>
    [GeneratedRegex(@"max_tokens\W{1,4}(?<asked>[0-9,]{1,12}) > (?<limit>[0-9,]{1,11}[0-9])",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex AboveLimit();

    /// <summary><c>input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000</c> (Anthropic).</summary>
    [GeneratedRegex(@"context limit: (?<input>[0-9,]{1,12}) \+ (?<asked>[0-9,]{1,12}) > (?<limit>[0-9,]{1,11}[0-9])",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex AboveContext();

    /// <summary><c>The maximum tokens you requested exceeds the model limit of 4096.</c> (Bedrock).</summary>
    [GeneratedRegex(@"maximum tokens you requested exceeds the model limit of (?<limit>[0-9,]{1,11}[0-9])",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, MatchMilliseconds)]
    private static partial Regex AboveModel();

    /// <summary><c>maximum context length is 32768 tokens and your request has 1000 input tokens (32000 > 32768 - 1000)</c>
    /// (vLLM).</summary>
    [GeneratedRegex(@"\((?<asked>[0-9,]{1,12}) > (?<limit>[0-9,]{1,12}) - (?<input>[0-9,]{1,12})\)",
        RegexOptions.ExplicitCapture, MatchMilliseconds)]
    private static partial Regex BothAboveContext();
}
