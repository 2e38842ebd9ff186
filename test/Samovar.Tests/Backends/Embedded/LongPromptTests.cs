using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Testing.Core;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A prompt that cannot fit costs little, and what a chain keeps is what it counts.</summary>
public sealed class LongPromptTests
{
    private const int ContextTokens = 2000;
    private readonly string _endless = string.Concat(Enumerable.Repeat("some words of a long text\n", 400_000)); // 10 MB

    [Fact]
    public async Task PromptFarBeyondTheContext_IsRefusedByItsBytes_WithoutTokens()
    {
        var talk = new Talk(Families.ChatMl).Holding(ContextTokens).Says("ok");
        talk.Tokenizer.PieceBytesMax = 64;
        _ = talk.Backend; // asks the template, with short texts
        var before = talk.Tokenizer.CharsTokenized;
        var error = await Assert.ThrowsAsync<ApiException>(() => talk.AskAsync(null, new { input = _endless }));
        Assert.Equal((Errors.ContextLengthExceeded, "input"), (error.Kind, error.Param));
        Assert.Equal(before, talk.Tokenizer.CharsTokenized);
        var turn = talk.Turn(null, Talk.Request(new { input = _endless }));
        error = await Assert.ThrowsAsync<ApiException>(
            async () => await talk.Backend.CountInputAsync(turn, TestContext.Current.CancellationToken));
        Assert.Equal((Errors.ContextLengthExceeded, "input"), (error.Kind, error.Param));
        Assert.Empty(talk.Engine.Turns);
    }

    [Fact]
    public async Task PromptFarBeyondTheContext_IsShortened_WhereTheRequestAllowsIt()
    {
        var talk = new Talk(Families.ChatMl).Holding(ContextTokens).Says("ok");
        talk.Tokenizer.PieceBytesMax = 64;
        var seen = await talk.AskAsync(null, new { input = new[] { Talk.User(_endless), Talk.User("and now?") }, truncation = "auto" });
        Assert.Equal(1, seen.State.ItemsDropped);
        Assert.Contains("and now?", talk.Tokenizer.Text(talk.Engine.Turns[^1].Prompt.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CountedBytes_AreThoseHeld_ForContinuedWholeAndForkedTurns()
    {
        foreach (var kind in (string[])["continued", "whole", "forked"])
        {
            var talk = new Talk(Families.ChatMl).Says("an answer of some words");
            ChainNode? node = null, fork = null;
            var paths = new List<object>();
            var counted = 0L;
            for (var turn = 0; turn < 30; turn++)
            {
                var seen = await talk.AskAsync(kind == "forked" ? fork ?? node : node, new
                {
                    instructions = kind == "whole" ? $"{new string('i', 20_000)} {turn}" : new string('i', 20_000),
                    input = $"question {turn} {new string('q', 300)}",
                });
                node = seen.Node;
                if (turn == 3) fork = node;
                counted += seen.State.Bytes;
                paths.Add(seen.State.Path);
            }
            var held = HeldMemory.Of(paths);
            Assert.True(held <= counted && counted <= held * 1.2 + 30 * 1200, $"{kind}: counted {counted}, held {held}");
        }
    }
}
