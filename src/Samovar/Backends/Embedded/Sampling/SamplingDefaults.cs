using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>How tokens are chosen where a request does not say.</summary>
internal sealed record SamplingDefaults(float Temperature, float TopP, int TopK, float MinP, float RepeatPenalty, int RepeatTokens)
{
    /// <summary>What the operator set; else what the model's file recommends; else what the API does.</summary>
    public static SamplingDefaults Of(SuggestedSampling set, SuggestedSampling model) => new(
        set.Temperature ?? model.Temperature ?? 1,
        set.TopP ?? model.TopP ?? 1,
        set.TopK ?? model.TopK ?? 0,
        set.MinP ?? model.MinP ?? 0,
        set.RepeatPenalty ?? model.RepeatPenalty ?? 1,
        model.RepeatTokens is >= 0 and < SamplingSettings.PenaltyTokens and var newest ? newest : SamplingSettings.PenaltyTokens);

    /// <summary>What responses echo; null where it is what the API says.</summary>
    public DefaultSampling? Echo() =>
        (Temperature, TopP) is (1, 1) ? null : new((double)(decimal)Temperature, (double)(decimal)TopP); // 0.8, not 0.800000012
}
