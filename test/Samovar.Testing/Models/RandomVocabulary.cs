using System.Text;

namespace Samovar.Testing.Models;

/// <summary>
/// A byte-level vocabulary: 256 bytes, merges of lower-case letters as far as there is room, and ChatML's special tokens at the end.
/// </summary>
internal static class RandomVocabulary
{
    private const string Letters = "etaoinshrdlucmfwypvbgkqjxz";
    private static readonly string[] Special = [EndOfText, "<|im_start|>", EndOfMessage, "<tool_call>", "</tool_call>"];
    private const string EndOfText = "<|endoftext|>", EndOfMessage = "<|im_end|>";
    private const int ControlCount = 3;

    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
        + "{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    public static void Describe(GgufWriter gguf, int size, string? template = null) => Describe(gguf, size, [], [], template ?? ChatMl);

    /// <summary>The same with control tokens and whole pieces of text of one's own; says which token each special text became.</summary>
    /// <param name="areFound">Whether the tokenizer finds the pieces in text: what was said is then written with the same tokens.</param>
    public static IReadOnlyDictionary<string, int> Describe(
        GgufWriter gguf, int size, IReadOnlyList<string> controls, IReadOnlyList<string> pieces, string template, bool areFound = false)
    {
        List<string> special = [.. Special[..ControlCount], .. controls, .. Special[ControlCount..]];
        var controlCount = ControlCount + controls.Count;
        var own = pieces.Where(piece => !special.Contains(piece)).ToList();
        var merges = Merges().Take(size - 256 - own.Count - special.Count).ToList();
        if (256 + merges.Count + own.Count + special.Count != size) throw new ArgumentException($"A vocabulary of {size} cannot be made.",
            nameof(size));
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(ByteText), .. merges.Select(merge => merge.Left + merge.Right),
            .. own.Select(piece => areFound ? piece : Spelled(piece)), .. special];
        var first = tokens.Count - special.Count;
        gguf.Add("tokenizer.ggml.model", "gpt2");
        gguf.Add("tokenizer.ggml.pre", "qwen2");
        gguf.Add("tokenizer.ggml.tokens", tokens);
        var plain = areFound ? first - own.Count : first;
        gguf.Add("tokenizer.ggml.token_type", tokens.Select((_, token) => token < plain ? 1
            : token >= first && token < first + controlCount ? 3 : 4).ToList());
        gguf.Add("tokenizer.ggml.merges", merges.Select(merge => merge.Left + " " + merge.Right).ToList());
        gguf.Add("tokenizer.ggml.bos_token_id", (uint)first);
        gguf.Add("tokenizer.ggml.eos_token_id", (uint)first + 2);
        gguf.Add("tokenizer.ggml.add_bos_token", false);
        gguf.Add("tokenizer.chat_template", template);
        return own.Concat(special).Select((text, index) => (text, token: first - own.Count + index)).ToDictionary(pair => pair.text, pair =>
            pair.token);
    }

    /// <summary>The end of the text, and of a message, in a vocabulary without controls of one's own.</summary>
    public static IReadOnlyList<int> EndTokens(int size) =>
        [.. Special.Index().Where(static special => special.Item is EndOfText or EndOfMessage)
            .Select(special => size - Special.Length + special.Index)];

    private static string Spelled(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(value => ByteText(value)));

    // Pairs, a space and a letter, then threes and a space and a pair: every left part is a token already.
    private static IEnumerable<(string Left, string Right)> Merges()
    {
        var space = ByteText(' ');
        foreach (var letter in Letters) yield return (space, letter.ToString());
        foreach (var left in Letters) foreach (var right in Letters) yield return (left.ToString(), right.ToString());
        foreach (var left in Letters) foreach (var right in Letters) yield return (space + left, right.ToString());
        foreach (var left in Letters)
            foreach (var middle in Letters)
                foreach (var right in Letters) yield return (left.ToString() + middle, right.ToString());
    }

    // GPT-2 writes bytes that have no printable form as characters from 256 on.
    private static string ByteText(int value)
    {
        if (IsPrintable(value)) return ((char)value).ToString();
        var rank = Enumerable.Range(0, value).Count(below => !IsPrintable(below));
        return ((char)(256 + rank)).ToString();
    }

    private static bool IsPrintable(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
