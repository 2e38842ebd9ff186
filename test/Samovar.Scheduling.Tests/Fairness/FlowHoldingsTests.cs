using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>Whoever holds most is known at any time.</summary>
public sealed class FlowHoldingsTests
{
    [Fact]
    public void Flows_StandByWhatTheyHold_AndThoseThatHoldNothingAreForgotten()
    {
        var holdings = new FlowHoldings();
        Add("a", 3);
        Add("b", 5);
        Add("c", 3);
        Assert.Equal((["b", "a", "c"], 11), (Order(), holdings.Total));
        Add("c", 4);
        Add("b", -5);
        Assert.Equal((["c", "a"], 10, 0), (Order(), holdings.Total, holdings.HeldBy(new FlowId("b"))));
        Add("c", -7);
        Add("a", -3);
        Assert.Equal(([], 0), (Order(), holdings.Total));

        void Add(string flow, long amount) => holdings.Add(new FlowId(flow), amount);
        string[] Order() => [.. holdings.LargestToSmallest.Select(flow => flow.Value)];
    }

    [Fact]
    public void Sums_AreThoseOfEachFlow_WhateverComesAndGoes()
    {
        var (random, holdings, held) = (new Random(4711), new FlowHoldings(), new long[20]);
        for (var step = 0; step < 5000; step++)
        {
            var flow = random.Next(held.Length);
            var amount = random.Next(3) == 0 ? -held[flow] : random.Next(-(int)held[flow], 100);
            held[flow] += amount;
            holdings.Add(new FlowId($"{flow}"), amount);
            if (held.Sum() == 0) continue;
            Assert.Equal((held.Sum(), held.Max()), (holdings.Total, holdings.HeldBy(holdings.LargestToSmallest.First())));
        }
    }
}
