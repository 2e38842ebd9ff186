using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>How long chunks are expected to take, and how large one may be.</summary>
public sealed class PrefillPaceTests
{
    private const int Batch = 512;
    private readonly PrefillPace _pace = new(PrefillGuess.Of(14_000_000, 2, isProcessor: true), Batch);

    [Fact]
    public void Chunk_HasAsManyTokensInTiles_AsFit()
    {
        Measure(64, 0, 64); // 1 ms a token
        Assert.Equal(144, _pace.Tokens(5000, 0, 0.15, 0.2));
        Assert.Equal(Batch, _pace.Tokens(5000, 0, 10, 10));
    }

    [Fact]
    public void Chunk_HasATile_WhereItTakesMoreThanIsGood_ButNotMoreThanItMay()
    {
        Measure(64, 0, 64);
        Assert.Equal(64, _pace.Tokens(5000, 0, 0.001, 0.1));
    }

    [Fact]
    public void Chunk_HasSingleTokens_WhereATileTakesMoreThanItMay()
    {
        Measure(64, 0, 160);
        Measure(16, 0, 64); // 4 ms a token
        Assert.Equal(25, _pace.Tokens(5000, 0, 0.1, 0.1));
        Assert.Equal(PrefillPace.ChunkMin, _pace.Tokens(5000, 0, 0.001, 0.001));
    }

    [Fact]
    public void Tile_IsTakenAgain_OnceItFits()
    {
        Measure(64, 0, 160);
        for (var round = 0; round < 30; round++) Measure(16, 0, 64);
        Assert.True(_pace.Tokens(5000, 0, 0.1, 0.1) < PrefillPace.Tile);
        for (var round = 0; round < 30; round++) Measure(64, 0, 64);
        Assert.Equal(96, _pace.Tokens(5000, 0, 0.1, 0.1));
    }

    [Fact]
    public void Chunk_BeyondATile_CountsAttentionByTiles()
    {
        Measure(64, 0, 64);
        Assert.Equal(112, _pace.Tokens(5000, 0, 0.12, 0.2)); // nothing is in front: there is hardly any
        Measure(64, 12_000, 64);
        Assert.Equal(64, _pace.Tokens(5000, 12_000, 0.12, 0.2));
        Assert.Equal(128, _pace.Tokens(5000, 12_000, 0.13, 0.2));
    }

    [Fact]
    public void LastTokens_TakeNoLongerThanATile()
    {
        Measure(64, 0, 32);
        Measure(16, 0, 32);
        Assert.Equal(16, _pace.Tokens(50, 0, 0.01, 0.1));
        Assert.Equal(5, _pace.Tokens(5, 0, 0.01, 0.1));
    }

    [Fact]
    public void Expected_GrowsWithTheDepth_BeforeItIsMeasuredThere()
    {
        Measure(64, 500, 64);
        Assert.InRange(_pace.Seconds(64, 16_000), 0.064 * 4, 0.064 * 12);
        Measure(64, 16_000, 200);
        Assert.InRange(_pace.Seconds(64, 16_000), 0.19, 0.21);
        Assert.InRange(_pace.Seconds(64, 500), 0.063, 0.065); // and is not forgotten
    }

    [Fact]
    public void Expected_OfAShallowPrompt_IsNotThatOfADeepOne()
    {
        Measure(10, 12_000, 37); // all that was measured
        Assert.InRange(_pace.Seconds(64, 0), 0.004, 0.02);
    }

    [Fact]
    public void Stall_CountsAsNoMoreThanAFewTimesAsMuch()
    {
        for (var round = 0; round < 10; round++) Measure(64, 0, 10);
        Measure(64, 0, 5000);
        Assert.InRange(_pace.Seconds(64, 0), 0.02, 0.04);
    }

    [Fact]
    public void ChunkThatNobodyWaitsFor_IsTheSame_WhateverWasMeasured()
    {
        var guess = PrefillGuess.Of(100_000_000, 2, isProcessor: true);
        Assert.Equal(64, guess.Chunk(8000, TimeSpan.FromMilliseconds(100), Batch));
        Assert.Equal(Batch, PrefillGuess.Of(14_000_000, 2, isProcessor: true).Chunk(0, TimeSpan.FromMilliseconds(100), Batch));
        Assert.Equal(Batch, PrefillGuess.Of(8_000_000_000, 8, isProcessor: false).Chunk(0, TimeSpan.FromMilliseconds(100), Batch));
        Assert.Equal(32, guess.Chunk(8000, TimeSpan.FromMilliseconds(100), 32));
    }

    private void Measure(int tokens, int depth, double milliseconds) =>
        _pace.Measured(depth, tokens, TimeSpan.FromMilliseconds(milliseconds));
}
