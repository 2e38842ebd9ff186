namespace Samovar.Backends.Embedded.Sampling;

/// <summary>How tokens are chosen where a request does not say.</summary>
internal sealed record SamplingDefaults(float Temperature, float TopP, int TopK, float MinP, float RepeatPenalty);
