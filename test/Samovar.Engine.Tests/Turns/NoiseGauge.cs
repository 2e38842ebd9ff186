using Samovar.Engine.Native;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Turns;

/// <summary>How far libllama's own log-probabilities move when only the shapes of the batches change. No code of the engine takes
/// part.</summary>
internal static class NoiseGauge
{
    private const int Prompts = 12;
    private const int Length = 300;

    /// <param name="type">Of the weights.</param>
    /// <param name="kvType">Of the cells.</param>
    /// <param name="batchMax">The longest batch that there is.</param>
    public static float Measure(WeightType type, string kvType, int batchMax = 512)
    {
        using var model = EngineLab.LoadModel(type);
        return Measure(model, kvType, batchMax);
    }

    /// <summary>The same of any model, which stays the caller's.</summary>
    public static float Measure(LlamaModel model, string kvType, int batchMax)
    {
        using var context = new LlamaContext(model, new ContextShape(512, 2, 512, 1, kvType));
        var random = new Random(99);
        var largest = 0f;
        for (var prompt = 0; prompt < Prompts; prompt++)
        {
            var tokens = EngineLab.Tokens(random, Length);
            var whole = Decode(context, tokens, () => batchMax, beside: false);
            var pieceMax = Math.Min(batchMax, 90);
            var pieces = Decode(context, tokens, () => random.Next(1, prompt % 2 == 0 ? 3 : pieceMax + 1), beside: prompt % 3 == 0);
            for (var token = 0; token < whole.Length; token++) largest = Math.Max(largest, Math.Abs(whole[token] - pieces[token]));
        }
        return 2 * largest; // a margin is a difference of two
    }

    /// <param name="context">Two streams.</param>
    /// <param name="tokens">The first stream's.</param>
    /// <param name="piece">Chooses the length of the next batch.</param>
    /// <param name="beside">Whether batches of one token have a token of the second stream beside it.</param>
    private static float[] Decode(LlamaContext context, int[] tokens, Func<int> piece, bool beside)
    {
        context.Empty(0);
        context.Empty(1);
        var (last, others) = (0, 0);
        for (int first = 0, count; first < tokens.Length; first += count)
        {
            count = Math.Min(piece(), tokens.Length - first);
            context.ClearBatch();
            for (var index = first; index < first + count; index++) last = context.Add(tokens[index], index, 0, index == tokens.Length - 1);
            if (beside && count == 1) context.Add(tokens[^(1 + others)], others++, 1, output: false);
            Assert.Equal(DecodeResult.Done, context.Decode());
        }
        return context.Logits(last).ToArray();
    }
}
