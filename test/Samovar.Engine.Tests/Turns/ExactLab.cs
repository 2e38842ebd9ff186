using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Samovar.Engine.Llama;
using Samovar.Engine.Parking;
using Samovar.Engine.States;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Engines whose sums do not depend on the shapes of batches: what they say warm is what they say cold, to the bit.</summary>
/// <remarks>
/// Each row of Q8 weights times a token is summed by itself, however many tokens a batch has, and so is the attention of a token in a batch
/// of fewer than 64: from there on ggml computes it in tiles, with other rounding. Nothing is tolerated here, so a wrong, a missing or a
/// stale cell shows, however little the token looks at it.
/// </remarks>
internal static class ExactLab
{
    public const int BatchTokens = 48;
    public const int DraftTokens = 8;
    private static readonly ConcurrentDictionary<string, float> Noises = new(StringComparer.Ordinal);

    /// <summary>Skips where the library has other sums; on x64 it must not.</summary>
    public static void NeedEqualSums(string kvType)
    {
        EngineLab.NeedLibrary();
        var noise = Noises.GetOrAdd(kvType, static type => NoiseGauge.Measure(WeightType.Q8, type, BatchTokens));
        Assert.SkipWhen(noise > 0 && RuntimeInformation.ProcessArchitecture != Architecture.X64,
            $"On this processor the shapes of short batches move log-probabilities by {noise:G3}.");
        Assert.Equal(0, noise);
    }

    public static LlamaEngine Start(
        Action<EngineOptions>? change = null, string kvType = "f16", StateHandling handling = StateHandling.Rows,
        byte[]? secret = null) => EngineLab.Start(options =>
        {
            (options.BatchTokens, options.KvType) = (BatchTokens, kvType);
            (options.DraftTokensMax, options.DraftPolicy) = (DraftTokens, "always");
            change?.Invoke(options);
        }, WeightType.Q8, handling, secret: secret);

    /// <summary>An engine that has no state of any turn before, and no drafts: for <see cref="CompareAsync"/>.</summary>
    public static LlamaEngine StartCold(string kvType = "f16") =>
        Start(options => (options.Streams, options.ParkedBytesMax, options.DraftTokensMax) = (1, 0, 0), kvType);

    /// <summary>Asks the same of an engine that computes the whole prompt; every reported number must be the same.</summary>
    public static async Task CompareAsync(LlamaEngine cold, TokenPath prompt, IReadOnlyList<TokenStep> warm)
    {
        if (warm.Count == 0) return;
        var spec = EngineLab.Spec(TokenPath.Empty.Append(prompt.ToArray()), warm.Count, scope: Guid.NewGuid().ToString());
        var (end, steps) = await EngineLab.RunAsync(cold, spec);
        Assert.Equal(0, end.CachedTokens);
        AssertSame(steps, warm);
    }

    public static void AssertSame(IReadOnlyList<TokenStep> cold, IReadOnlyList<TokenStep> warm) =>
        Assert.Equal(cold.Select(Numbers), warm.Select(Numbers));

    private static string Numbers(TokenStep step) =>
        FormattableString.Invariant($"{step.Token} {step.LogProb:R}: {string.Join(", ", step.Top!.Select(Numbers))}");

    private static string Numbers(TokenAlternative one) => FormattableString.Invariant($"{one.Token} {one.LogProb:R}");
}
