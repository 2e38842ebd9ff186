using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Gateway.Destinations;

/// <summary>How a provider caches the prompts of a model, and what that costs.</summary>
/// <param name="HasBreakpoints">
/// Whether it looks at breakpoints alone, for which each write is paid: then a prompt's key is for accounting, and another one is a miss.
/// </param>
/// <param name="WritePrice">Of a token that is written to the cache, in parts of an input token's; null where it is not known.</param>
/// <param name="ReadPrice">Of one that is read from it.</param>
internal sealed partial record CacheRules(bool HasBreakpoints, double? WritePrice, double? ReadPrice)
{
    /// <summary>Breakpoints that one request may write; the one that the provider sets itself is one of them.</summary>
    public const int BreakpointsMax = 4;

    private static readonly (int Major, int Minor) FirstWithBreakpoints = (5, 6);
    private static readonly CacheRules Unknown = new(HasBreakpoints: false, null, null);
    private static readonly CacheRules Explicit = new(HasBreakpoints: true, 1.25, 0.1), Anthropic = new(HasBreakpoints: false, 1.25, 0.1);

    /// <param name="model">The model's name at the destination.</param>
    public static CacheRules Of(Dialect dialect, string model) => dialect.Name switch
    {
        "anthropic" => Anthropic,
        "openai" when VersionOf(model) is { } version && version.CompareTo(FirstWithBreakpoints) >= 0 => Explicit,
        _ => Unknown,
    };

    /// <summary>What the input cost, in input tokens at their full price; null where the prices are not known.</summary>
    public double? CostOf(int input, int cached, int written) => WritePrice is { } write && ReadPrice is { } read
        ? input - cached - written + written * write + cached * read : null;

    private static (int, int)? VersionOf(string model)
    {
        if (Version().Match(model) is not { Success: true } match) return null;
        var minor = match.Groups["minor"];
        return (int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture),
            minor.Success ? int.Parse(minor.ValueSpan, CultureInfo.InvariantCulture) : 0);
    }

    private const string Pattern = @"^([a-z0-9_-]+/)?gpt-(?<major>\d{1,3})(\.(?<minor>\d{1,3}))?(?=$|[-@:])";

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Version();
}
