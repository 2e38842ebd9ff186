using Samovar.Engine;
using Samovar.Engine.Llama;

namespace Samovar.Bench.Workloads;

/// <summary>Turns on an engine in this process, without a server around it.</summary>
internal static class EngineTurns
{
    /// <summary>So many ordinary tokens.</summary>
    public static TokenPath Prompt(ITokenizer tokenizer, int tokens, int seed)
    {
        var text = tokenizer.Tokenize(Speech.OfLength(tokens * 8, seed), addSpecial: false, parseSpecial: false);
        return TokenPath.Empty.Append(Enumerable.Range(0, tokens).Select(at => text[at % text.Length]).ToArray());
    }

    /// <summary>A greedy turn that goes on to its output limit.</summary>
    public static EngineTurn Begin(LlamaEngine engine, TokenPath prompt, string scope, int outputTokens, bool logprobs = false,
        Func<EngineTurnSpec, EngineTurnSpec>? change = null)
    {
        var ends = Enumerable.Range(0, engine.Tokenizer.VocabularySize).Where(engine.Tokenizer.IsEndOfGeneration);
        var spec = new EngineTurnSpec
        {
            Namespace = scope,
            Prompt = prompt,
            OutputTokensMax = outputTokens,
            Sampling = new SamplingSettings
            {
                Temperature = 0, TopLogprobs = logprobs ? 20 : null, LogitBias = ends.ToDictionary(token => token, _ => -1000f),
            },
        };
        var admission = engine.Begin(change?.Invoke(spec) ?? spec);
        return admission is EngineAdmission.Admitted admitted
            ? admitted.Turn : throw new InvalidOperationException($"The engine refused a turn: {admission}");
    }
}
