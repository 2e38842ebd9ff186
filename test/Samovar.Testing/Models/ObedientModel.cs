namespace Samovar.Testing.Models;

/// <summary>One thing an obedient model says, as the tokens it says it in.</summary>
/// <param name="Cue">The control token that starts it; the chat template chooses by putting a cue behind the assistant's header.</param>
/// <param name="Pieces">Texts of its tokens; each piece belongs to one line and one place only.</param>
public sealed record ObedientLine(string Cue, IReadOnlyList<string> Pieces);

/// <summary>
/// Writes a GGUF that says what a script demands, through real prefill, decode and sampling: each token's logits depend on the
/// last token alone, because attention and feed-forward write nothing into the residual stream while keys and values are real.
/// The chat template makes the choices, so a whole agent loop with real tools can be played on the real engine.
/// </summary>
public static class ObedientModel
{
    private const int Width = 256, Heads = 4, KvHeads = 2, Inner = 256, Context = 131_072;
    private const float Loudness = 0.4f; // a scripted successor gets a logit of about 100, everything else below 30

    /// <summary>A shell loop: calls <paramref name="tool"/> until its output holds <paramref name="doneWhen"/>, then answers.</summary>
    /// <param name="areFound">Whether a history has the tokens that were sampled.</param>
    /// <param name="hasToolsBehind">Whether the template writes tools behind the first system text, as most do; else before it.</param>
    /// <param name="isList">Whether the tool takes a list of commands.</param>
    public static void WriteShellLoop(
        string path, string tool, string parameter, string command, string doneWhen, string answer, bool areFound = false,
        bool hasToolsBehind = false, bool isList = false)
    {
        var value = isList ? $"[\"{command}\"]" : $"\"{command}\"";
        ObedientLine[] lines =
        [
            new("<|act|>",
            [
                "<tool_call>", $"\n{{\"name\": \"{tool}\", ", $"\"arguments\": {{\"{parameter}\": ", value, "}}\n",
                    "</tool_call>",
            ]),
            new("<|answer|>", [.. answer.Split(' ').Select((word, index) => index == 0 ? word : " " + word)]),
        ];
        var choice = $"{{% if messages[-1].role == 'tool' and '{doneWhen}' in messages[-1].content %}}"
            + "{{ '<|answer|>' }}{% else %}{{ '<|act|>' }}{% endif %}";
        Write(path, lines, choice, areFound: areFound, hasToolsBehind: hasToolsBehind);
    }

    public static void Write(
        string path, IReadOnlyList<ObedientLine> lines, string choice, int vocabulary = 4096, bool areFound = false,
        bool hasToolsBehind = false)
    {
        using var file = File.Create(path, 1 << 20);
        using var gguf = new GgufWriter(file);
        Describe(gguf);
        var tokens = RandomVocabulary.Describe(
            gguf, vocabulary, [.. lines.Select(line => line.Cue)], [.. lines.SelectMany(line => line.Pieces)],
            Template(choice, hasToolsBehind), areFound);
        Shape(gguf, vocabulary);
        var successors = Successors(lines, tokens);
        gguf.Write((name, shape, type, output) => WeightBytes.Write(output, Weights(name, shape, successors), type));
    }

    private static Dictionary<int, int> Successors(IReadOnlyList<ObedientLine> lines, IReadOnlyDictionary<string, int> tokens)
    {
        var successors = new Dictionary<int, int>();
        foreach (var line in lines)
        {
            var chain = line.Pieces.Prepend(line.Cue).Append("<|im_end|>").Select(piece => tokens[piece]).ToList();
            for (var at = 0; at + 1 < chain.Count; at++)
            {
                if (!successors.TryAdd(chain[at], chain[at + 1]))
                    throw new ArgumentException($"A piece of '{line.Cue}' stands twice.", nameof(lines));
            }
        }
        return successors;
    }

    // A row of output weights answers to the embedding of the token before it; all other rows are silent.
    private static float[] Weights(string name, long[] shape, Dictionary<int, int> successors)
    {
        var weights = new float[shape.Aggregate(1L, (all, one) => all * one)];
        if (shape.Length == 1) Array.Fill(weights, 1f);
        else if (name == "token_embd.weight") Signs(weights);
        else if (name == "output.weight") Answer(weights, successors);
        else if (name is not ("blk.0.attn_output.weight" or "blk.0.ffn_down.weight")) Signs(weights, 1f / 16);
        return weights;
    }

    private static void Answer(float[] weights, Dictionary<int, int> successors)
    {
        var embeddings = new float[weights.Length];
        Signs(embeddings);
        foreach (var (token, next) in successors)
            for (var at = 0; at < Width; at++) weights[next * Width + at] += Loudness * embeddings[token * Width + at];
    }

    private static void Signs(float[] weights, float size = 1f)
    {
        var random = new Random(7);
        foreach (ref var weight in weights.AsSpan()) weight = random.Next(2) == 0 ? -size : size;
    }

    private static void Describe(GgufWriter gguf)
    {
        gguf.Add("general.architecture", "llama");
        gguf.Add("general.name", "obedient");
        gguf.Add("llama.context_length", Context);
        gguf.Add("llama.embedding_length", Width);
        gguf.Add("llama.block_count", 1u);
        gguf.Add("llama.feed_forward_length", Inner);
        gguf.Add("llama.attention.head_count", Heads);
        gguf.Add("llama.attention.head_count_kv", KvHeads);
        gguf.Add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        gguf.Add("llama.rope.dimension_count", Width / Heads);
        gguf.Add("llama.rope.freq_base", 10_000f);
    }

    private static void Shape(GgufWriter gguf, int vocabulary)
    {
        const long kv = Width / Heads * KvHeads;
        gguf.Describe("token_embd.weight", WeightType.F32, Width, vocabulary);
        gguf.Describe("blk.0.attn_norm.weight", WeightType.F32, Width);
        gguf.Describe("blk.0.attn_q.weight", WeightType.F32, Width, Width);
        gguf.Describe("blk.0.attn_k.weight", WeightType.F32, Width, kv);
        gguf.Describe("blk.0.attn_v.weight", WeightType.F32, Width, kv);
        gguf.Describe("blk.0.attn_output.weight", WeightType.F32, Width, Width);
        gguf.Describe("blk.0.ffn_norm.weight", WeightType.F32, Width);
        gguf.Describe("blk.0.ffn_gate.weight", WeightType.F32, Width, Inner);
        gguf.Describe("blk.0.ffn_up.weight", WeightType.F32, Width, Inner);
        gguf.Describe("blk.0.ffn_down.weight", WeightType.F32, Inner, Width);
        gguf.Describe("output_norm.weight", WeightType.F32, Width);
        gguf.Describe("output.weight", WeightType.F32, Width, vocabulary);
    }

    // ChatML with Hermes calls; what an assistant message starts with depends on that message alone, so histories only grow at their end.
    private static string Template(string choice, bool hasToolsBehind) =>
        (hasToolsBehind ? "{% set head = tools and messages and messages[0].role == 'system' %}" : "{% set head = false %}")
        + "{% if tools %}{{ '<|im_start|>system\\n' }}{% if head %}{{ messages[0].content + '\\n\\n' }}{% endif %}"
        + "{% for tool in tools %}{{ tool | tojson + '\\n' }}{% endfor %}{{ '<|im_end|>\\n' }}{% endif %}"
        + "{% for message in (messages[1:] if head else messages) %}{{ '<|im_start|>' + message.role + '\\n' }}"
        + "{% if message.role == 'assistant' %}{{ '<|act|>' if message.tool_calls else '<|answer|>' }}{% endif %}"
        + "{{ message.content or '' }}{% for call in message.tool_calls or [] %}"
        + "{{ '<tool_call>\\n{\"name\": \"' + call.function.name + '\", \"arguments\": ' }}"
        + "{{ call.function.arguments | tojson + '}\\n</tool_call>' }}{% endfor %}"
        + "{{ '<|im_end|>\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" + choice + "{% endif %}";
}
