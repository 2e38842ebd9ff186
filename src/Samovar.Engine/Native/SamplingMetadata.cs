using System.Globalization;

namespace Samovar.Engine.Native;

/// <summary>Reads a GGUF file's <c>general.sampling.*</c>, the keys under which llama.cpp keeps what a model's makers recommend.</summary>
internal static class SamplingMetadata
{
    private const string Prefix = "general.sampling.";

    /// <param name="valueOf">A metadata value as text; null where the file has none.</param>
    public static SuggestedSampling Read(Func<string, string?> valueOf)
    {
        var unusable = new List<string>();
        return new SuggestedSampling
        {
            Temperature = Number("temp", 0, 2),
            TopP = Number("top_p", 0, 1),
            TopK = (int?)Number("top_k", 0, 1 << 20),
            MinP = Number("min_p", 0, 1),
            RepeatPenalty = Number("penalty_repeat", 0, 10),
            RepeatTokens = (int?)Number("penalty_last_n", -1, 1 << 20),
            Unusable = unusable,
        };

        float? Number(string key, float from, float to)
        {
            if (valueOf(Prefix + key) is not { } text) return null;
            var isUsable = float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value >= from && value <= to; // not true for what is no number
            if (!isUsable) unusable.Add(Prefix + key);
            return isUsable ? value : null;
        }
    }
}
