using System.Text;

namespace Samovar.Engine.Tests.Tokens;

/// <summary>Text to tokens and back.</summary>
public sealed class TokenizerTests
{
    [Fact]
    public async Task Pieces_GiveTheTextBack_ForAnyText()
    {
        await using var engine = EngineLab.Start();
        var tokenizer = engine.Tokenizer;
        var random = new Random(9);
        string[] fixedTexts = ["", "hello", " \n\t ", "naïve 日本語 🙂 ends", "a\0b", new string('x', 70_000)];
        foreach (var text in fixedTexts.Concat(Enumerable.Range(0, 50).Select(_ => RandomText(random))))
        {
            var tokens = tokenizer.Tokenize(text, addSpecial: false, parseSpecial: false);
            Assert.Equal(text, Encoding.UTF8.GetString(tokens.SelectMany(token => tokenizer.Piece(token).ToArray()).ToArray()));
        }
    }

    [Fact]
    public async Task SpecialTokens_AreThemselvesOnlyWhereAsked()
    {
        await using var engine = EngineLab.Start();
        var tokenizer = engine.Tokenizer;
        const string text = "<|im_start|>hi<|im_end|>";
        var template = tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true);
        var user = tokenizer.Tokenize(text, addSpecial: false, parseSpecial: false);
        Assert.Equal((508, 509), (template[0], template[^1]));
        Assert.DoesNotContain(508, user);
        Assert.True(tokenizer.IsControl(508) && tokenizer.IsEndOfGeneration(509) && !tokenizer.IsControl(510));
        Assert.True(tokenizer.Piece(508).IsEmpty);
        Assert.Equal("<|im_start|>"u8.ToArray(), tokenizer.Piece(508, special: true).ToArray());
        Assert.Equal("<tool_call>"u8.ToArray(), tokenizer.Piece(510).ToArray());
        Assert.True(tokenizer.Piece(-1).IsEmpty && tokenizer.Piece(100_000).IsEmpty);
        Assert.Equal(509, tokenizer.EndOfTurn);
        Assert.False(tokenizer.AddsBeginOfText);
    }

    [Fact]
    public async Task LongText_IsGivenUpWithinItsFirstParts_AndKeepsItsTokensWhereItFits()
    {
        await using var engine = EngineLab.Start();
        var tokenizer = engine.Tokenizer;
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(at => $"some words and {at}\n"));
        var all = tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true);
        Assert.Equal(all, tokenizer.Tokenize(text, false, true, all.Length, TestContext.Current.CancellationToken));
        var tokensMax = all.Length / 10;
        Assert.InRange(tokenizer.Tokenize(text, false, true, tokensMax, TestContext.Current.CancellationToken).Length,
            tokensMax + 1, all.Length / 2);
        var run = new string('日', 300_000); // nowhere to cut but between characters
        Assert.InRange(tokenizer.Tokenize(run, false, false, 1000, TestContext.Current.CancellationToken).Length, 1001, 300_000);
    }

    [Fact]
    public async Task ManyThreads_GetTheSameTokens()
    {
        await using var engine = EngineLab.Start();
        const string text = "the quick brown fox jumps over the lazy dog and then some";
        var expected = engine.Tokenizer.Tokenize(text, false, false);
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, (_, _) =>
        {
            Assert.Equal(expected, engine.Tokenizer.Tokenize(text, false, false));
            return ValueTask.CompletedTask;
        });
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var index = 0; index < 40; index++)
            text.Append(new Rune(random.Next(4) == 0 ? random.Next(0x20, 0xD7FF) : random.Next(0x20, 0x7F)));
        return text.ToString();
    }
}
