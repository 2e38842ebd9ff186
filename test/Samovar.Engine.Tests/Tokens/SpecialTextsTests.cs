using System.Text;
using Samovar.Engine.Native;
using Samovar.Engine.Tokens;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Tokens;

/// <summary>A text that is cut at its special tokens has the tokens that libllama gives it whole.</summary>
public sealed class SpecialTextsTests
{
    private const int Vocabularies = 24;
    private const int Texts = 60;
    private static readonly string[] Atoms = ["<", ">", "<|", "|>", "a", "b", "ab", " ", "  ", "\n", "é", "日", "x", "<a>", "[", "]"];

    [Fact]
    public void Cut_GivesLibllamasTokens_ForRandomVocabulariesAndTexts()
    {
        EngineLab.NeedLibrary();
        LlamaLibrary.Load();
        var (texts, found) = (0, 0);
        for (var seed = 0; seed < Vocabularies; seed++)
        {
            var random = new Random(seed);
            var strips = seed % 6 >= 4; // libllama lets the tokens of models by this name swallow the spaces behind them
            using var vocabulary = new LabVocabulary(Specials(random, hasSpaces: !strips || seed > 12), isSpm: seed % 2 == 1,
                addsSpace: seed % 4 == 3, name: strips ? "phi-3 lab" : "lab");
            for (var text = 0; text < Texts; text++, texts++)
            {
                var written = Text(random, vocabulary.Specials);
                foreach (var parseSpecial in (bool[])[true, false])
                    foreach (var addSpecial in (bool[])[false, true])
                    {
                        var whole = vocabulary.Tokenizer.TokenizeUncut(Encoding.UTF8.GetBytes(written), addSpecial, parseSpecial);
                        var cut = vocabulary.Tokenizer.Tokenize(written, addSpecial, parseSpecial);
                        Assert.True(whole.AsSpan().SequenceEqual(cut), $"seed {seed}, text {text}: {written}");
                        found += whole.Count(token => token < vocabulary.Specials.Count);
                    }
            }
        }
        Assert.True(found > texts, "Hardly a special token was met.");
    }

    [Fact]
    public void Find_TakesTheLongestFirst_EvenWhereAShorterOneBeginsEarlier()
    {
        var specials = Of("abc", "bcde", "cd");
        Assert.Equal([(1, "bcde")], Found(specials, "abcde"));
        Assert.Equal([(0, "abc")], Found(specials, "abcd"));
        Assert.Equal([(0, "cd"), (2, "abc"), (5, "abc")], Found(specials, "cdabcabc"));
        Assert.Equal([(0, "aa"), (2, "aa")], Found(Of("aa"), "aaaaa"));
        Assert.Equal([(0, null)], Found(Of("ab", "ba"), "aba")); // which comes first is libllama's own secret
    }

    [Fact]
    public void Find_LooksAtEachByteAFewTimes_HoweverManyTokensStandInAText()
    {
        var specials = Of("<|im_start|>", "<|im_end|>", "  ", "    ", new string(' ', 31));
        var message = "<|im_start|>user\nhello<|im_end|>\n";
        foreach (var count in (int[])[1_000, 64_000])
            Assert.Equal(count * 2, specials.Find(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(message, count)))).Count);
        var spaces = Encoding.UTF8.GetBytes(new string(' ', 1_000_000));
        Assert.Equal(1_000_000 / 31 + 1, specials.Find(spaces).Count); // two are left, for one of two
    }

    [Theory]
    [InlineData("tekken")]
    [InlineData("gpt-4o")]
    [InlineData("deepseek-v3")]
    [InlineData("not known here")]
    public void EndlessRuns_DoNotEndTheProcess(string words)
    {
        EngineLab.NeedLibrary();
        LlamaLibrary.Load();
        using var vocabulary = new LabVocabulary(["<s>", "</s>", "<x>"], isSpm: false, pre: words == "not known here" ? "tekken" : words);
        foreach (var text in (string[])[new('x', 300_000), new(' ', 300_000), new('日', 100_000), new('!', 300_000), new('\n', 300_000)])
            Assert.InRange(vocabulary.Tokenizer.Tokenize(text, false, true).Length, 100_000, 300_000);
    }

    [Fact]
    public void LongRuns_AreCutWhereAWordEnds_AndNothingElseIs()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("some words and a line\n", 1000)));
        Assert.Equal([(0, text.Length)], LongRuns.Parts(text, 0, text.Length, 64));
        text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abc1日!", 1000)));
        var parts = LongRuns.Parts(text, 0, text.Length, 64).ToList();
        Assert.All(parts, part => Assert.InRange(part.Length, 1, 65));
        Assert.All(parts.Skip(1), part => Assert.Contains(text[part.Start], "1!"u8.ToArray()));
        Assert.Equal(text.Length, parts.Sum(part => part.Length));
    }

    [Fact]
    public async Task Tokenizing_StopsBeyondALimit_AndWhenItIsCancelled()
    {
        await using var engine = EngineLab.Start();
        var text = string.Concat(Enumerable.Repeat("<|im_start|>user\nhello<|im_end|>\n", 10_000));
        Assert.InRange(engine.Tokenizer.Tokenize(text, false, true, 100, CancellationToken.None).Length, 101, 120);
        Assert.Throws<OperationCanceledException>(() => engine.Tokenizer.Tokenize(text, false, true, 100, new CancellationToken(true)));
    }

    [Fact]
    public async Task PieceBytesMax_BoundsTheTokensOfAnyText()
    {
        await using var engine = EngineLab.Start();
        var longest = Assert.NotNull(engine.Tokenizer.PieceBytesMax);
        var random = new Random(4);
        for (var run = 0; run < 200; run++)
        {
            var text = Text(random, ["<|im_start|>", "<tool_call>", "the "]);
            Assert.True(engine.Tokenizer.Tokenize(text, false, true).Length >= Encoding.UTF8.GetByteCount(text) / (double)longest);
        }
    }

    private static SpecialTexts Of(params string[] texts) =>
        new(texts.Select((text, token) => new SpecialText(token, Encoding.UTF8.GetBytes(text), false, false)));

    private static List<(int, string?)> Found(SpecialTexts specials, string text) => specials.Find(Encoding.UTF8.GetBytes(text))
        .ConvertAll(place => (place.Start, place.Special is null ? null : Encoding.UTF8.GetString(place.Special.Text)));

    // Short texts of few letters overlap, contain each other and stand side by side.
    private static List<string> Specials(Random random, bool hasSpaces)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal) { "<s>", "</s>", "<|im_end|>", "<unk>", "<|endoftext|>" };
        while (texts.Count < 24)
        {
            var text = new StringBuilder();
            for (var atoms = random.Next(1, 5); atoms > 0; atoms--) text.Append(Atoms[random.Next(Atoms.Length)]);
            if (text.Length > 1 && (hasSpaces || !text.ToString().Any(char.IsWhiteSpace))) texts.Add(text.ToString());
        }
        return [.. texts];
    }

    private static string Text(Random random, IReadOnlyList<string> specials)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(0, 30); parts > 0; parts--)
            switch (random.Next(3))
            {
                case 0: text.Append(specials[random.Next(specials.Count)]); break;
                case 1: // a piece of one
                    var special = specials[random.Next(specials.Count)];
                    text.Append(special.AsSpan(random.Next(special.Length)));
                    break;
                default: text.Append(Atoms[random.Next(Atoms.Length)]); break;
            }
        return text.ToString();
    }
}
