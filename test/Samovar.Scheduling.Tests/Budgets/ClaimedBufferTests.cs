using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Budgets;

public sealed class ClaimedBufferTests
{
    private readonly FlowShare _share = new(new ByteShare("bodies", 1 << 20), multiple: null, firstBytes: 0);

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    [InlineData(300_000)]
    public void WhatWasRead_ComesOutWhole_AndIsClaimedUnlessItIsTiny(int length)
    {
        using var claim = new ByteClaim(_share, new FlowId("a"));
        var bytes = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        var buffer = new ClaimedBuffer(claim, 400_000);
        for (var read = 0; read < length;)
        {
            if (buffer.Free.IsEmpty) Assert.True(buffer.TryGrow(4096));
            var piece = Math.Min(buffer.Free.Length, length - read);
            bytes.AsMemory(read, piece).CopyTo(buffer.Free);
            buffer.Advance(piece);
            read += piece;
            Assert.True(buffer.Length <= 4 << 10 || claim.Bytes >= buffer.Length);
        }
        Assert.Equal(bytes, buffer.Detach().ToArray());
        buffer.Dispose();
        Assert.True(length <= 4 << 10 || claim.Bytes >= length); // the claim goes on with what was taken out
    }

    [Fact]
    public void ManySmallBuffers_HoldNoMoreThanTheShare()
    {
        var claims = new List<(ByteClaim Claim, ClaimedBuffer Buffer)>();
        while (claims.Count < 100)
        {
            var claim = new ByteClaim(_share, new FlowId("a"));
            claims.Add((claim, new ClaimedBuffer(claim, 60_000)));
            while (claims[^1].Buffer is { IsFull: false } buffer && buffer.TryGrow(4096)) buffer.Advance(buffer.Free.Length);
            if (!claims[^1].Buffer.IsFull) break;
        }
        Assert.InRange(claims.Count, 10, (1 << 20) / 60_000 + 1);
        foreach (var (claim, buffer) in claims)
        {
            buffer.Dispose();
            claim.Dispose();
        }
        Assert.Equal(0, _share.Share.Bytes);
    }

    [Fact]
    public void Buffer_DoesNotGrowBeyondItsBound_NorWithoutRoom()
    {
        using var bounded = new ClaimedBuffer(null, 100_000);
        while (!bounded.IsFull)
        {
            if (bounded.Free.IsEmpty) Assert.True(bounded.TryGrow(4096));
            bounded.Advance(bounded.Free.Length);
        }
        Assert.Equal(100_000, bounded.Length);

        using var claim = new ByteClaim(_share, new FlowId("a"));
        using var counted = new ClaimedBuffer(claim, int.MaxValue);
        while (counted.TryGrow(4096)) counted.Advance(counted.Free.Length);
        Assert.InRange(counted.Length, 500_000, 1 << 20);
        counted.Dispose();
        Assert.Equal(0, _share.Share.Bytes);
    }

    [Fact]
    public void LargeBuffer_IsGivenBack_WhenLittleIsLeftInIt()
    {
        using var claim = new ByteClaim(_share, new FlowId("a"));
        using var buffer = new ClaimedBuffer(claim, 400_000);
        while (buffer.Length < 200_000)
        {
            if (buffer.Free.IsEmpty) Assert.True(buffer.TryGrow(4096));
            buffer.Free.Span.Fill((byte)(buffer.Length >> 16));
            buffer.Advance(buffer.Free.Length);
        }
        var last = buffer.Written.Span[^1000..].ToArray();
        buffer.Drop(buffer.Length - 1000);
        Assert.Equal(last, buffer.Written.ToArray());
        Assert.Equal(16 << 10, _share.Share.Bytes); // a small one takes its place
        while (buffer.Length < 200_000)
        {
            if (buffer.Free.IsEmpty) Assert.True(buffer.TryGrow(4096));
            buffer.Advance(buffer.Free.Length);
        }
        Assert.True(claim.Bytes >= 200_000);
        buffer.Drop(buffer.Length);
        Assert.Equal(16 << 10, _share.Share.Bytes); // a small one takes its place
    }
}
