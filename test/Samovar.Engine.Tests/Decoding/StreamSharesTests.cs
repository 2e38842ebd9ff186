using Samovar.Engine.Decoding;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Whose stream is taken back.</summary>
public sealed class StreamSharesTests
{
    private static readonly FlowId Greedy = new("greedy"), Quiet = new("quiet"), Third = new("third");

    [Fact]
    public void FlowWithMostStreams_Gives_WhenAnotherHasTwoFewer()
    {
        HeldStream[] held = [Held(Greedy, served: 10), Held(Greedy, served: 30), Held(Third, served: 90_000)];
        Assert.Equal(1, StreamShares.Victim(held, Quiet, used: 0));
    }

    [Fact]
    public void NobodyGives_ToWhoHoldsAsMany()
    {
        HeldStream[] held = [Held(Greedy, used: 1e9, served: 90_000), Held(Quiet)];
        Assert.Equal(-1, StreamShares.Victim(held, Quiet, used: 0));
        Assert.Equal(-1, StreamShares.Victim(held, Greedy, used: 1e9));
    }

    [Theory]
    [InlineData(StreamShares.SliceTokens - 1, 2.0, -1)]
    [InlineData(StreamShares.SliceTokens, 2.0, 0)]
    [InlineData(StreamShares.SliceTokens, 1.0, -1)]
    public void FlowsThatHoldAsManyAsThereAre_TakeTurns_AfterASlice(int served, double used, int victim) =>
        Assert.Equal(victim, StreamShares.Victim([Held(Greedy, used, served)], Quiet, used: 1));

    [Fact]
    public void PausedTurn_GivesFirst_ToItsOwnFlowToo()
    {
        HeldStream[] held = [Held(Greedy, served: 90_000), Held(Greedy, served: 90_000), Held(Quiet) with { IsPaused = true }];
        Assert.Equal(2, StreamShares.Victim(held, Quiet, used: 0));
        Assert.Equal(2, StreamShares.Victim(held, Greedy, used: 0));
    }

    [Fact]
    public void TakingBack_EvensOut_AndThenStops()
    {
        var random = new Random(5);
        for (var run = 0; run < 200; run++)
        {
            FlowId[] flows = [Greedy, Quiet, Third];
            var streams = Enumerable.Range(0, random.Next(1, 9))
                .Select(_ => Held(flows[random.Next(3)], served: random.Next(0, 1000))).ToArray();
            for (var taken = 0; ; taken++)
            {
                Assert.True(taken <= streams.Length, "Streams are handed around without end.");
                var moved = false;
                foreach (var flow in flows)
                {
                    var victim = StreamShares.Victim(streams, flow, used: 0);
                    if (victim < 0) continue;
                    streams[victim] = Held(flow);
                    moved = true;
                }
                if (!moved) break;
            }
            var counts = flows.Select(flow => streams.Count(stream => stream.Flow == flow)).ToList();
            Assert.True(counts.Max() - counts.Min() <= 1, string.Join(' ', counts));
        }
    }

    private static HeldStream Held(FlowId flow, double used = 0, int served = 0) => new(flow, used, served, IsPaused: false);
}
