using Samovar.Bench.Links;

namespace Samovar.Bench.Tests.Links;

public sealed class TcpModelTests
{
    private const int Segment = TcpModel.SegmentBytes;
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void SmallExchange_TakesOneRoundTrip()
    {
        var (there, back) = (Model(), Model());
        var asked = there.Send(300, TimeSpan.Zero);
        Assert.Equal(RoundTrip / 2, asked);
        Assert.Equal(RoundTrip, back.Send(300, asked));
    }

    [Theory]
    [InlineData(10, 0.5)] // the first window
    [InlineData(30, 1.5)]
    [InlineData(70, 2.5)]
    [InlineData(150, 3.5)]
    public void SlowStart_DoublesTheWindow_EachRoundTrip(int segments, double roundTrips) =>
        Assert.Equal(roundTrips * RoundTrip, Model().Send(segments * Segment, TimeSpan.Zero));

    [Fact]
    public void Loss_HalvesTheWindow()
    {
        // 10 go, the first is lost: 5 may be under way from then on, and each round trip one more
        var model = Model(losses: [0]);
        Assert.Equal(1.5 * RoundTrip, model.Send(10 * Segment, TimeSpan.Zero)); // those behind the lost one wait for it
        var calm = 3 * RoundTrip;
        Assert.Equal(calm + (0.5 * RoundTrip), model.Send(5 * Segment, calm));
        Assert.True(model.Send(4 * Segment, calm) > calm + RoundTrip);
    }

    [Fact]
    public void Losses_OfOneWindow_HalveItOnce()
    {
        var model = Model(losses: [0, 1, 2, 3]);
        model.Send(10 * Segment, TimeSpan.Zero);
        var calm = 5 * RoundTrip;
        Assert.Equal(calm + (0.5 * RoundTrip), model.Send(5 * Segment, calm));
    }

    [Fact]
    public void Window_BeginsAgain_AfterASilence()
    {
        var model = Model();
        var end = model.Send(150 * Segment, TimeSpan.Zero);
        var soon = end + RoundTrip;
        Assert.Equal(soon + (0.5 * RoundTrip), model.Send(80 * Segment, soon)); // the window is there still
        var late = soon + TimeSpan.FromSeconds(2);
        Assert.Equal(late + (2.5 * RoundTrip), model.Send(70 * Segment, late)); // as a new connection
    }

    [Fact]
    public void LostSegment_ComesARoundTripLater_OrAtTheTimer_WhereNothingFollows()
    {
        Assert.Equal(1.5 * RoundTrip, Model(losses: [3]).Send(10 * Segment, TimeSpan.Zero));
        Assert.Equal((0.5 * RoundTrip) + TimeSpan.FromMilliseconds(200), Model(losses: [9]).Send(10 * Segment, TimeSpan.Zero));
    }

    [Fact]
    public void Segments_ArriveInOrder_WhateverIsLost()
    {
        var model = Model(TimeSpan.FromMilliseconds(600), loss: 0.1, random: new Random(7));
        var (now, last) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var sent = 0; sent < 2000; sent++, now += TimeSpan.FromMilliseconds(50))
        {
            var arrival = model.Send(1 + (sent * 997 % 5000), now);
            Assert.True(arrival >= last && arrival >= now + TimeSpan.FromMilliseconds(300), $"{sent}: {arrival} after {last}");
            last = arrival;
        }
    }

    [Fact]
    public void Line_IsShared_ByTheConnectionsOfALink()
    {
        const int Bits = 1_000_000, Bytes = 200 * Segment;
        var line = new LinkLine(Bits);
        var (one, other) = (Model(line: line), Model(line: line));
        var alone = Model(line: new LinkLine(Bits)).Send(Bytes, TimeSpan.Zero) - (RoundTrip / 2);
        one.Send(Bytes, TimeSpan.Zero);
        var both = other.Send(Bytes, TimeSpan.Zero) - (RoundTrip / 2);
        var payload = TimeSpan.FromSeconds(Bytes * 8.0 / Bits);
        Assert.InRange(alone / payload, 1.0, 1.15); // headers, and the first windows
        Assert.InRange(both / payload, 2.0, 2.3);
    }

    /// <summary>MSS / RTT · √(3/2p): what a long transfer gets on average under random loss (Mathis and others, 1997).</summary>
    [Theory]
    [InlineData(0.01, 80)]
    [InlineData(0.03, 80)]
    [InlineData(0.01, 600)]
    [InlineData(0.03, 600)]
    public void LongTransfer_IsAsFastAsMathisSays_WithinAFourth(double loss, int roundTripMs)
    {
        const int Bytes = 20_000_000, Piece = 16 << 10;
        var roundTrip = TimeSpan.FromMilliseconds(roundTripMs);
        var model = Model(roundTrip, loss: loss, random: new Random(11));
        var now = TimeSpan.Zero;
        for (var sent = 0; sent < Bytes; sent += Piece) now = model.Send(Piece, TimeSpan.Zero, hasMore: true);
        var expected = Segment / roundTrip.TotalSeconds * Math.Sqrt(1.5 / loss);
        Assert.InRange(Bytes / now.TotalSeconds / expected, 0.75, 1.25);
    }

    private static TcpModel Model(int[] losses) => Model(loss: 0.5, random: new Losing(losses));

    private static TcpModel Model(TimeSpan? roundTrip = null, LinkLine? line = null, double loss = 0, Random? random = null) =>
        new(roundTrip ?? RoundTrip, line ?? new LinkLine(0), loss, random ?? new Random(1));

    /// <summary>Loses the segments with the given numbers, each once.</summary>
    private sealed class Losing(int[] losses) : Random(0)
    {
        private readonly Queue<int> _losses = new(losses);
        private int _next;

        public override double NextDouble()
        {
            if (_losses.TryPeek(out var lost) && lost == _next)
            {
                _losses.Dequeue();
                return 0;
            }
            _next++;
            return 1;
        }
    }
}
