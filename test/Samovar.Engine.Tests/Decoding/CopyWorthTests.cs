using Samovar.Engine.Decoding;
using Samovar.Engine.Llama;
using Samovar.Engine.Parking;
using Samovar.Engine.Retention;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>A start that another stream has is copied only where reading all of that stream takes no longer than computing it.</summary>
public sealed class CopyWorthTests
{
    private const long Gigabyte = 1_000_000_000;
    private static readonly PrefillCost Device = new(1e-4, 0); // 10,000 tokens a second

    [Theory]
    [InlineData(8 * Gigabyte, 0, 512, false)]   // a second, where computing takes 51 ms
    [InlineData(8 * Gigabyte, 0, 12_000, true)]
    [InlineData(8 * Gigabyte, 11_000, 12_000, false)] // most of it is nearer
    [InlineData(Gigabyte / 4, 0, 512, true)]    // 31 ms
    [InlineData(16 << 20, 0, 1, true)]
    public void Start_IsCopied_WhereThatIsCheaper(long bytes, int from, int to, bool isWorth) =>
        Assert.Equal(isWorth, new CopyWorth(new PrefillMeter(), Device, new ReadMeter()).IsWorth(bytes, from, to));

    [Fact]
    public void WhatWasMeasured_Decides()
    {
        var (prefill, reads) = (new PrefillMeter(), new ReadMeter());
        var worth = new CopyWorth(prefill, Device, reads);
        for (var read = 0; read < 20; read++) reads.Measured(Gigabyte, TimeSpan.FromSeconds(1.0 / 64));
        reads.Measured(1000, TimeSpan.FromSeconds(1)); // says nothing of bytes
        Assert.True(worth.IsWorth(3 * Gigabyte, 0, 512));
        for (var chunk = 0; chunk < 64; chunk++) prefill.Measured(0, 512, TimeSpan.FromMilliseconds(5.12));
        Assert.False(worth.IsWorth(3 * Gigabyte, 0, 512));
    }

    [Fact]
    public async Task ShortStartOfALongStream_IsComputed_WhereReadingIsDear()
    {
        var random = new Random(4);
        await using var engine = EngineLab.Start(options => options.Streams = 3);
        engine.Placer.Copies = new CopyWorth(new PrefillMeter(), new PrefillCost(1e-12, 0), new ReadMeter()) { BytesAlways = 0 };
        var start = EngineLab.Tokens(random, 32);
        await EngineLab.RunAsync(engine, EngineLab.Spec(After(start, 27 * 32), 5));
        var (computed, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(After(start, 20), 5));
        Assert.Equal((CacheSource.None, 0, 52), (computed.Source, computed.CachedTokens, computed.PrefilledTokens));
        engine.Placer.Copies = new CopyWorth(new PrefillMeter(), PrefillCost.Measured, new ReadMeter());
        var (copied, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(After(start, 20), 5));
        Assert.Equal((CacheSource.OtherStream, 32), (copied.Source, copied.CachedTokens));
        Assert.Equal(5, steps.Count);
        EngineAudit.Check(engine);

        TokenPath After(int[] front, int more) => TokenPath.Empty.Append(front).Append(EngineLab.Tokens(random, more));
    }

    /// <summary>What is taken next need not be read: it is cut where it is.</summary>
    [Fact]
    public async Task StreamThatIsTakenNext_IsCut_HoweverDearReadingIs()
    {
        var random = new Random(5);
        await using var engine = EngineLab.Start(options => (options.Streams, options.ParkedBytesMax) = (1, 0));
        engine.Placer.Copies = new CopyWorth(new PrefillMeter(), new PrefillCost(1e-12, 0), new ReadMeter()) { BytesAlways = 0 };
        var start = EngineLab.Tokens(random, 200);
        await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty.Append(start).Append(EngineLab.Tokens(random, 300)), 5));
        var next = TokenPath.Empty.Append(start).Append(EngineLab.Tokens(random, 20));
        Assert.Equal(200, (await EngineLab.RunAsync(engine, EngineLab.Spec(next, 5))).End.CachedTokens);
    }

    /// <summary>All of a stream is read, so of two that have as much the shorter one is.</summary>
    [Fact]
    public async Task ShorterStream_IsCopied_OfTwoThatHaveAsMuch()
    {
        var random = new Random(6);
        await using var engine = EngineLab.Start(options => (options.Streams, options.ParkedBytesMax) = (3, 0));
        var start = EngineLab.Tokens(random, 64);
        await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty.Append(start).Append(EngineLab.Tokens(random, 800)), 5));
        await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty.Append(start).Append(EngineLab.Tokens(random, 20)), 5));
        var read = new List<long>();
        engine.Placer.Copies = new CopyWorth(new PrefillMeter(), PrefillCost.Measured, new ReadMeter()) { Weighs = read.Add };
        await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty.Append(start).Append(EngineLab.Tokens(random, 20)), 5));
        Assert.InRange(Assert.Single(read), 1, 200L * engine.Model.StateBytesPerToken);
    }
}
