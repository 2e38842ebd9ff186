using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>What flows have used, and how long that is remembered.</summary>
public sealed class FairLedgerTests
{
    private static readonly FlowId A = new("a"), B = new("b");

    [Fact]
    public void Newcomer_BeginsWhereTheLeastServedIs_LessTheBurst()
    {
        var ledger = new FairLedger(burst: 10);
        ledger.Enter(A);
        ledger.Charge(A, 100);
        ledger.Enter(B);
        Assert.Equal(ledger.Used(A) - 10, ledger.Used(B));
    }

    [Fact]
    public void FlowThatNeverStops_GainsOneBurst_HoweverOftenItComes()
    {
        var ledger = new FairLedger(burst: 10);
        ledger.Enter(A);
        var (servedA, servedB) = (0, 0);
        for (var turn = 0; turn < 10_000; turn++)
        {
            ledger.Enter(B); // as a client that asks again the moment it was answered
            var isB = ledger.Used(B) < ledger.Used(A);
            ledger.Charge(isB ? B : A, 1);
            ledger.Leave(B);
            if (isB) servedB++;
            else servedA++;
        }
        Assert.InRange(servedB - servedA, -1, 30);
    }

    [Fact]
    public void FlowsThatLeft_AreForgotten_OnceTheOthersCaughtUp()
    {
        var ledger = new FairLedger(burst: 5);
        ledger.Enter(A);
        ledger.Enter(B);
        ledger.Charge(B, 50);
        ledger.Leave(B);
        Assert.Equal(2, ledger.Count);
        ledger.Charge(A, 100);
        ledger.Enter(B);
        Assert.Equal(120, ledger.Used(B)); // 25 of both, 100 of one alone, less the burst
        ledger.Leave(B);
        Assert.Equal(1, ledger.Count);
        ledger.Leave(A);
        Assert.Equal(0, ledger.Count);
    }

    [Fact]
    public void EndlessNewcomers_DelayWhoIsHere_ByABurstOnly()
    {
        var ledger = new FairLedger(burst: 10);
        ledger.Enter(A);
        ledger.Charge(A, 1000);
        var (waited, longest) = (0, 0);
        for (var newcomer = 0; newcomer < 10_000; newcomer++)
        {
            var flow = new FlowId("n" + newcomer);
            ledger.Enter(flow);
            var isServed = ledger.Used(A) <= ledger.Used(flow);
            ledger.Charge(isServed ? A : flow, 1);
            ledger.Leave(flow);
            waited = isServed ? 0 : waited + 1;
            longest = Math.Max(longest, waited);
        }
        Assert.InRange(longest, 1, 30);
    }

    [Fact]
    public void FlowThatIsHereAndUsesLittle_SavesUpABurstOnly()
    {
        var ledger = new FairLedger(burst: 10);
        ledger.Enter(A); // as a turn whose reader is behind
        ledger.Enter(B);
        ledger.Charge(B, 100_000);
        ledger.Enter(new FlowId("c"));
        Assert.Equal(50_000 - 10, ledger.Used(A));
        Assert.Equal(ledger.Used(A), ledger.Used(new FlowId("c")));
    }

    [Fact]
    public void Memory_IsBounded_WhateverComesAndGoes()
    {
        var ledger = new FairLedger(burst: 5, accountsMax: 100);
        ledger.Enter(A);
        for (var flow = 0; flow < 10_000; flow++)
        {
            ledger.Enter(new FlowId("f" + flow));
            ledger.Charge(new FlowId("f" + flow), 50);
            ledger.Leave(new FlowId("f" + flow));
            Assert.InRange(ledger.Count, 1, 101);
        }
    }

    [Fact]
    public void LeavingTwice_IsABugThatShows()
    {
        var ledger = new FairLedger();
        ledger.Enter(A);
        ledger.Enter(B);
        ledger.Leave(A);
        Assert.Throws<InvalidOperationException>(() => ledger.Leave(A));
    }
}
