namespace Samovar.Testing.Models.Kinds;

/// <summary>Writes small models with random weights, one for each way to remember: the same kind, type and seed give the same
/// bytes.</summary>
/// <remarks>
/// Their vocabulary is <see cref="RandomVocabulary"/>'s with the marks of thoughts beside it. Only printable ASCII is ever likely, and
/// about every 25th token ends the turn.
/// </remarks>
public static class KindModel
{
    private const int Vocabulary = 1024;
    private const float OutputGain = 4f, EndGain = 1.9f; // of standard deviations of a logit
    private const string ThoughtsBegin = "<think>", ThoughtsEnd = "</think>";

    // A thought stays while its question is the newest; the next question's history is without it.
    private const string ThinkingTemplate =
        "{%- set newest = namespace(at=-1) -%}"
        + "{%- for message in messages -%}{%- if message.role == 'user' -%}{%- set newest.at = loop.index0 -%}{%- endif -%}{%- endfor -%}"
        + "{%- for message in messages -%}{{ '<|im_start|>' + message.role + '\\n' }}"
        + "{%- if message.role == 'assistant' and message.reasoning_content and loop.index0 > newest.at -%}"
        + "{{ '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif -%}"
        + "{{ (message.content or '') + '<|im_end|>\\n' }}{%- endfor -%}"
        + "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n<think>\\n' }}{%- endif -%}";

    /// <summary>The first token of what is more than a letter, and the first that is no text.</summary>
    public const int TextBegin = byte.MaxValue + 1, TextEnd = Vocabulary - 7;

    /// <summary>Tokens around thoughts and messages.</summary>
    public const int ThoughtsBeginToken = TextEnd, ThoughtsEndToken = TextEnd + 1, MessageBeginToken = TextEnd + 3,
        MessageEndToken = TextEnd + 4;

    /// <summary>Tokens that end a turn.</summary>
    public static IReadOnlyList<int> EndTokens { get; } = [TextEnd + 2, MessageEndToken];

    /// <summary>The file of this kind in a folder, written first if it is not there. Safe beside others that ask for the same.</summary>
    /// <param name="thinks">Whether it thinks before it answers, and its template strips what it thought about earlier questions.</param>
    /// <param name="windowShare">Windows have this part of their usual tokens.</param>
    public static string Ensure(
        string folder, ModelKind kind, bool thinks = false, WeightType type = WeightType.F32, int seed = 1, int windowShare = 1)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var variant = (thinks ? "-thinks" : "") + (windowShare > 1 ? $"-{windowShare}" : "");
        var name = $"kind-{kind.Architecture}{variant}-{type.ToString().ToLowerInvariant()}-{seed}.gguf";
        return ModelFile.Ensure(Path.Combine(folder, name), draft => Write(draft, kind, thinks, type, seed, windowShare));
    }

    /// <summary>Writes a model file.</summary>
    public static void Write(
        string path, ModelKind kind, bool thinks = false, WeightType type = WeightType.F32, int seed = 1, int windowShare = 1)
    {
        ArgumentNullException.ThrowIfNull(kind);
        using var file = File.Create(path, 1 << 20);
        using var gguf = new GgufWriter(file);
        gguf.Add("general.architecture", kind.Architecture);
        gguf.Add("general.name", "random " + kind.Architecture + (thinks ? " that thinks" : ""));
        gguf.Add(kind.Architecture + ".vocab_size", Vocabulary);
        var tokens = RandomVocabulary.Describe(
            gguf, Vocabulary, [], [ThoughtsBegin, ThoughtsEnd], thinks ? ThinkingTemplate : RandomVocabulary.ChatMl, areFound: true);
        var model = new KindTensors(kind.Architecture, type, windowShare);
        model.Small("token_embd.weight", MathF.Sqrt(KindTensors.Width), KindTensors.Width, Vocabulary);
        kind.Describe(model);
        model.Ones(kind.FinalNorm, KindTensors.Width);
        List<int> loud = [tokens["<|im_end|>"]];
        if (thinks) loud.Add(tokens[ThoughtsEnd]);
        model.Changed("output.weight", OutputGain, rows => Choose(rows, loud), KindTensors.Width, Vocabulary);
        model.Describe(gguf);
        model.Write(gguf, new Random(seed));
    }

    // What is never to be said has the logit 0, which the largest of hundreds is always above.
    private static void Choose(float[] rows, List<int> loud)
    {
        for (var token = 0; token < Vocabulary; token++)
        {
            var gain = loud.Contains(token) ? EndGain : token is >= ' ' and <= '~' || token is >= TextBegin and < TextEnd ? 1 : 0;
            foreach (ref var weight in rows.AsSpan(token * KindTensors.Width, KindTensors.Width)) weight *= gain;
        }
    }
}
