using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>Whose work comes next, and who gives way.</summary>
public sealed class FairQueueTests
{
    private static readonly FlowId A = new("a"), B = new("b"), C = new("c");

    [Fact]
    public void WorkOfOneFlow_KeepsItsOrder_AndFlowsTakeTurns()
    {
        var ledger = new FairLedger();
        var queue = new FairQueue<string>(10, ledger);
        foreach (var work in (string[])["a1", "a2", "a3", "a4"]) Assert.True(queue.TryEnter(A, work, out _));
        foreach (var work in (string[])["b1", "b2"]) Assert.True(queue.TryEnter(B, work, out _));
        var served = new List<string>();
        while (queue.Count > 0)
        {
            var next = queue.InTurn[0];
            var flow = next[0] == 'a' ? A : B;
            ledger.Charge(flow, 1);
            queue.Remove(flow, next);
            served.Add(next);
        }
        Assert.Equal(["b1", "a1", "b2", "a2", "a3", "a4"], served);
    }

    [Fact]
    public void FullQueue_MakesTheLongestLineGiveItsNewest()
    {
        var queue = new FairQueue<string>(4, new FairLedger());
        foreach (var work in (string[])["a1", "a2", "a3"]) queue.TryEnter(A, work, out _);
        queue.TryEnter(B, "b1", out _);
        Assert.False(queue.TryEnter(A, "a4", out _)); // its own line is the longest
        Assert.True(queue.TryEnter(C, "c1", out var gaveWay));
        Assert.Equal("a3", gaveWay);
        Assert.False(queue.TryEnter(C, "c2", out _)); // nobody would gain
        Assert.Equal((4, 2, 1, 1), (queue.Count, queue.CountOf(A), queue.CountOf(B), queue.CountOf(C)));
    }

    [Fact]
    public void WorkThatMayNotGiveWay_Stays()
    {
        var queue = new FairQueue<string>(2, new FairLedger(), work => work != "a2");
        queue.TryEnter(A, "a1", out _);
        queue.TryEnter(A, "a2", out _);
        Assert.True(queue.TryEnter(B, "b1", out var gaveWay));
        Assert.Equal("a1", gaveWay);
        Assert.False(queue.TryEnter(C, "c1", out _));
    }

    [Fact]
    public void ReturnedWork_StandsInFront_EvenWhereNoPlaceIs()
    {
        var queue = new FairQueue<string>(1, new FairLedger());
        queue.TryEnter(A, "a2", out _);
        queue.Return(A, "a1");
        Assert.Equal(["a1", "a2"], queue.InTurn);
    }

    [Fact]
    public void NewcomerIsNeverRefused_WhileOneFlowHoldsMoreThanAnother()
    {
        var random = new Random(3);
        for (var run = 0; run < 100; run++)
        {
            var places = random.Next(4, 40);
            var queue = new FairQueue<string>(places, new FairLedger());
            for (var work = 0; work < 200; work++) queue.TryEnter(A, "a" + work, out _);
            var flows = random.Next(1, places / 2);
            for (var flow = 0; flow < flows; flow++) Assert.True(queue.TryEnter(new FlowId("n" + flow), "n", out _));
            Assert.Equal(places, queue.Count);
        }
    }
}
