using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Gateway.Destinations;

/// <summary>How a model of the Messages API is asked to think, and what it refuses meanwhile.</summary>
/// <param name="IsAdaptive">Whether it decides itself how much it thinks, led by an effort; else it gets a budget of tokens.</param>
/// <param name="Off">The kind of <c>thinking</c> that is the least; null where it always thinks.</param>
/// <param name="ThinksUnasked">Whether it thinks where the request does not speak of it.</param>
/// <param name="TakesSampling">Whether it takes sampling settings while it does not think.</param>
/// <param name="HasXhigh">Whether it knows the effort <c>xhigh</c>.</param>
/// <remarks>The pages "Adaptive thinking", "Effort" and "What's new" of each model in Anthropic's documentation.</remarks>
internal sealed partial record ThinkingRules(bool IsAdaptive, string? Off, bool ThinksUnasked, bool TakesSampling, bool HasXhigh)
{
    private const string Disabled = "disabled", BetweenTools = "between_tools";

    public static readonly ThinkingRules Budget = new(false, null, ThinksUnasked: false, TakesSampling: true, HasXhigh: false);

    /// <summary>Of a model that is not known by its name, but known to be of the kind.</summary>
    public static readonly ThinkingRules Adaptive = new(true, Disabled, ThinksUnasked: false, TakesSampling: false, HasXhigh: true);

    private static readonly ThinkingRules First = Adaptive with { TakesSampling = true, HasXhigh = false };
    private static readonly ThinkingRules Unasked = Adaptive with { ThinksUnasked = true };
    private static readonly ThinkingRules Always = Unasked with { Off = null };

    /// <summary>From which version on which holds, the newest first.</summary>
    private static readonly (string Family, (int Major, int Minor) From, ThinkingRules Rules)[] Rows =
    [
        ("opus", (5, 5), Always), ("opus", (5, 0), Unasked), ("opus", (4, 7), Adaptive), ("opus", (4, 6), First),
        ("sonnet", (5, 5), Unasked with { Off = BetweenTools }), ("sonnet", (5, 0), Unasked), ("sonnet", (4, 7), Adaptive),
        ("sonnet", (4, 6), First),
        ("haiku", (5, 0), Unasked), ("haiku", (4, 7), Adaptive),
        ("fable", (0, 0), Always),
        ("mythos", (5, 0), Always), ("mythos", (0, 0), Always with { HasXhigh = false }),
    ];

    /// <param name="model">The model's name at the destination.</param>
    /// <param name="unknown">What the destination's settings say of models whose names say nothing.</param>
    public static ThinkingRules Of(string model, string unknown)
    {
        if (Named().Match(model) is not { Success: true } name) return unknown == "adaptive" ? Adaptive : Budget;
        var (family, version) = (name.Groups["family"].Value, (Number(name.Groups["major"]), Number(name.Groups["minor"])));
        return Rows.FirstOrDefault(row => row.Family == family && version.CompareTo(row.From) >= 0).Rules ?? Budget;
    }

    private static int Number(Group digits) => digits.Success ? int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) : 0;

    // claude-opus-4-7, us.anthropic.claude-sonnet-4-6-v1:0, anthropic/claude-opus-4.6, claude-4.7-opus, claude-mythos-preview
    private const string Version = @"(?<major>\d{1,2})([-.](?<minor>\d{1,2}))?(?!\d)";

    private const string Pattern = @"(?<![a-z0-9])claude-(" + Version + @"-(?<family>opus|sonnet|haiku|fable|mythos)"
        + "|(?<family>opus|sonnet|haiku|fable|mythos)-" + Version + "|(?<family>mythos)-preview)(?![a-z0-9])";

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();
}
