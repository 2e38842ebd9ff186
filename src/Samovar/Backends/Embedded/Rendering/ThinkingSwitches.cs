using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What a template is given for each reasoning effort, so that a model thinks, thinks less, or does not.</summary>
/// <param name="ByEffort">Variables and their values; an effort that is not there leaves the template as it is.</param>
internal sealed record ThinkingSwitches(IReadOnlyDictionary<string, IReadOnlyList<KeyValuePair<string, TemplateValue>>> ByEffort)
{
    /// <summary>For a template that was not asked.</summary>
    public static readonly ThinkingSwitches Unknown =
        new(new Dictionary<string, IReadOnlyList<KeyValuePair<string, TemplateValue>>>(StringComparer.Ordinal));

    /// <summary>The variables that are set for some effort.</summary>
    public IEnumerable<string> Names =>
        ByEffort.Values.SelectMany(variables => variables.Select(one => one.Key)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    public IReadOnlyList<KeyValuePair<string, TemplateValue>> For(string? effort) =>
        effort is not null && ByEffort.TryGetValue(effort, out var variables) ? variables : [];
}

/// <summary>One variable that changes how a template opens an answer.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Words">Words that it knows, where it takes words.</param>
internal sealed record ThinkingSwitch(string Name, SwitchKind Kind, IReadOnlyList<string> Words)
{
    private static readonly string[] OffWords =
        ["none", "no_think", "nothink", "no-think", "non-thinking", "non_thinking", "off", "disabled", "disable", "no", "false", "chat"];
    private static readonly string[] OnWords =
        ["thinking", "think", "on", "enabled", "enable", "yes", "true", "deep", "slow", "reasoning", "adaptive", "auto"];
    private static readonly string[] QuickWords = ["fast", "quick", "short", "brief"];
    private static readonly string[] Negations = ["disable", "no_", "skip", "without", "not_"];

    /// <summary>Whether a model can be kept from thinking with it.</summary>
    public bool TurnsOff => (Kind != SwitchKind.Word && Level is null) || First([.. OffWords, "minimal", .. QuickWords]) is not null;

    /// <summary>The value for an effort; null leaves it to the template.</summary>
    /// <param name="effort">The effort.</param>
    /// <param name="isOnly">Whether no other switch keeps the model from thinking: then the least that this one knows is nearest.</param>
    public TemplateValue? For(string effort, bool isOnly) => Kind switch
    {
        SwitchKind.Flag when Level is { } level => TemplateValue.Bool.Of(effort == level || (effort == "low" && level == "medium")),
        SwitchKind.Flag => TemplateValue.Bool.Of(IsOff(effort) == IsNegative),
        SwitchKind.Budget => Budget(effort) is { } tokens ? new TemplateValue.Int(tokens) : null,
        _ => Word(effort, isOnly) is { } word ? new TemplateValue.Text(word) : null,
    };

    /// <summary>The one effort that a flag is for, as <c>low_effort</c> says; null for one that turns thinking on.</summary>
    private string? Level => Kind != SwitchKind.Flag ? null
        : Array.Find((string[])["low", "medium"], level => Name.StartsWith(level + "_", StringComparison.OrdinalIgnoreCase));

    private bool IsNegative => Negations.Any(word => Name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static bool IsOff(string effort) => effort is "none" or "minimal";

    /// <summary>As many tokens as an effort has in the Messages API; the highest have no bound.</summary>
    private static int? Budget(string effort) => effort switch
    {
        "none" or "minimal" => 0,
        "low" => 4096,
        "medium" => 8192,
        "high" => 16_384,
        _ => null,
    };

    private string? Word(string effort, bool isOnly) => effort switch
    {
        "none" => First(OffWords) ?? First(["minimal"]) ?? First(QuickWords) ?? (isOnly ? First(["low"]) : null),
        "minimal" => First(["minimal"]) ?? First(OffWords) ?? First(QuickWords) ?? (isOnly ? First(["low"]) : null),
        "low" => First(["low"]) ?? First(QuickWords) ?? First(OnWords) ?? First(["medium", "high"]),
        "medium" => First(["medium"]) ?? First(OnWords) ?? First(["high", "low"]),
        "high" => First(["high"]) ?? First(OnWords) ?? First(["max", "xhigh"]),
        "xhigh" => First(["xhigh", "max", "maximum", "high"]) ?? First(OnWords),
        _ => First(["max", "maximum", "xhigh", "high"]) ?? First(OnWords),
    };

    private string? First(IEnumerable<string> wanted) =>
        wanted.Select(word => Words.FirstOrDefault(known => string.Equals(known, word, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(known => known is not null);
}

/// <summary>What a switch takes.</summary>
internal enum SwitchKind { Flag, Word, Budget }
