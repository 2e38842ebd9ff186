using Samovar.Engine.Native;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Turns;

/// <summary>How far libllama's own log-probabilities move when only the shapes of the batches change. No code of the engine takes
/// part.</summary>
internal static class NoiseGauge
{
    private const int Prompts = 12;
    private const int Length = 300;

    public static float Measure(WeightType type, string kvType)
    {
        using var model = EngineLab.LoadModel(type);
        using var context = new LlamaContext(model, new ContextShape(512, 2, 512, 1, kvType));
        var random = new Random(99);
        var largest = 0f;
        for (var prompt = 0; prompt < Prompts; prompt++)
        {
            var tokens = EngineLab.Tokens(random, Length);
            var whole = Decode(context, tokens, () => Length);
            var pieces = Decode(context, tokens, () => random.Next(1, prompt % 2 == 0 ? 3 : 90));
            for (var token = 0; token < whole.Length; token++) largest = Math.Max(largest, Math.Abs(whole[token] - pieces[token]));
        }
        return 2 * largest; // a margin is a difference of two
    }

    private static float[] Decode(LlamaContext context, int[] tokens, Func<int> piece)
    {
        context.Empty(0);
        var last = 0;
        for (int first = 0, count; first < tokens.Length; first += count)
        {
            count = Math.Min(piece(), tokens.Length - first);
            context.ClearBatch();
            for (var index = first; index < first + count; index++) last = context.Add(tokens[index], index, 0, index == tokens.Length - 1);
            Assert.Equal(DecodeResult.Done, context.Decode());
        }
        return context.Logits(last).ToArray();
    }
}
