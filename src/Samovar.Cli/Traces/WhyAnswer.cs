using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Traces;

/// <summary>What <c>GET /v1/samovar/why/{response}</c> answers, as far as it is shown.</summary>
internal sealed record WhyAnswer
{
    public string ResponseId { get; init; } = "";
    public string? ParentResponseId { get; init; }
    public string? Outcome { get; init; }
    public string? Miss { get; init; }
    public int InputTokens { get; init; }
    public int CachedTokens { get; init; }
    public WhyTakeover? TakenOver { get; init; }
    public WhyCache? Cache { get; init; }

    /// <summary>Null where it cannot be read.</summary>
    public static WhyAnswer? Read(byte[] json)
    {
        try { return JsonSerializer.Deserialize(json, WhyJson.Default.WhyAnswer); }
        catch (JsonException) { return null; }
    }
}

internal sealed record WhyCache
{
    public int PromptTokens { get; init; }
    public int CachedTokens { get; init; }
    public int RecomputedTokens { get; init; }
    public IReadOnlyList<WhyTier> Tiers { get; init; } = [];
    public WhyPlace? LeftAt { get; init; }
    public WhyEviction? Evicted { get; init; }
    public string? Rendered { get; init; }
    public string? RenderedWholeBecause { get; init; }
}

/// <param name="From">Null for all but operators, and where nobody knows.</param>
internal sealed record WhyTakeover(string Reason, string? From, long? Epoch);

internal sealed record WhyTier(string Tier, int Tokens, double Milliseconds);

internal sealed record WhyPlace(string Item, int Character, string? ResponseId, string? Before, string? Now);

internal sealed record WhyEviction(DateTimeOffset At, string Tier, string? Budget);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WhyAnswer))]
internal sealed partial class WhyJson : JsonSerializerContext;
