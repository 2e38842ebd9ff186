using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Scheduling.Budgets;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Running;

public sealed class HandedChainsTests : IDisposable
{
    private static readonly TenantId Tea = new("tea"), Coffee = new("coffee");
    private readonly TestMeters _meters = new();
    private readonly ByteShare _share = new("chains", 1_000_000);
    private readonly StoredChains _stored = new();
    private readonly CoreHouse _house = new();
    private readonly HandedChains _chains;

    public HandedChainsTests() => _chains = new HandedChains(
        new KeptNodes(_share), new ReplayOptions { TenantChainBytesMax = 3000, ChainBytesMax = 5000 }, new ReplayMetrics(_meters),
        NullLogger<HandedChains>.Instance);

    [Fact]
    public void WhatIsKept_IsCounted_OnceWhereItIsShared_UntilItIsLetGo()
    {
        var first = _stored.Next(null, tenant: Tea);
        var (one, next) = (Keep(first), Keep(_stored.Next(first, tenant: Tea)));
        Assert.Equal((2000, 2000), (_chains.Bytes, _share.Bytes));
        _chains.LetGo(one);
        _chains.LetGo(one); // once
        Assert.Equal((2000, 2000), (_chains.Bytes, _share.Bytes)); // the second one has the first
        _chains.LetGo(next);
        Assert.Equal((0, 0), (_chains.Bytes, _share.Bytes));
    }

    [Fact]
    public void FullTenant_LosesItsOldest_AndNobodyElsesChain()
    {
        var other = Keep(_stored.Next(null, tenant: Coffee));
        var kept = Enumerable.Range(0, 4).Select(_ => Keep(_stored.Next(null, tenant: Tea))).ToList();
        Assert.Equal([false, true, true, true], kept.Select(chain => chain.Node is not null));
        Assert.NotNull(other.Node);
        Assert.Equal(4000, _share.Bytes);
    }

    [Fact]
    public void FullNode_TakesFromTheTenantThatKeepsMost()
    {
        var tea = Enumerable.Range(0, 3).Select(_ => Keep(_stored.Next(null, tenant: Tea))).ToList();
        var coffee = Enumerable.Range(0, 2).Select(_ => Keep(_stored.Next(null, tenant: Coffee))).ToList();
        var third = Keep(_stored.Next(null, tenant: new TenantId("cocoa")));
        Assert.Null(tea[0].Node);
        Assert.All([.. tea.Skip(1), .. coffee, third], chain => Assert.NotNull(chain.Node));
    }

    [Fact]
    public void ChainThatAloneIsTooLarge_IsNotKept()
    {
        ChainNode? node = null;
        for (var i = 0; i < 4; i++) node = _stored.Next(node, tenant: Tea);
        Assert.Null(Keep(node!).Node);
        Assert.Equal((0, 0), (_chains.Bytes, _share.Bytes));
    }

    [Fact]
    public void WarmState_IsHeldAsLongAsItsChain_WhereNobodyElseHoldsIt()
    {
        var states = Enumerable.Range(0, 5).Select(_ => new ScriptedState(1)).ToList();
        var kept = states.ConvertAll(state => Keep(_stored.Next(null, state: state, tenant: Tea), isWarm: true));
        Assert.Equal([1, 1, 0, 0, 0], states.Select(state => state.Releases)); // two gave way
        kept.ForEach(_chains.LetGo);
        Assert.All(states, state => Assert.Equal(1, state.Releases));
        var held = new ScriptedState(1);
        _chains.LetGo(Keep(_stored.Next(null, state: held, tenant: Tea)));
        Assert.Equal(0, held.Releases); // somebody else's
    }

    [Fact]
    public void ChainThatWasLetGoBefore_IsNotKept()
    {
        var chain = new HandedChain(_stored.Next(null, tenant: Tea));
        _chains.LetGo(chain);
        _chains.Keep(chain, isWarm: true);
        Assert.Equal((0, 0), (_chains.Bytes, _share.Bytes));
    }

    [Fact]
    public void ChainOfATurnThatWasLetGoBefore_IsNotKept()
    {
        var parents = new HandedParents(new StoredParents(Tea, _house.Stored), _chains);
        parents.LetGo();
        parents.Keep(_stored.Next(null, tenant: Tea));
        Assert.Equal((0, 0), (_chains.Bytes, _share.Bytes));
    }

    public void Dispose()
    {
        _house.Dispose();
        _meters.Dispose();
    }

    private HandedChain Keep(ChainNode node, bool isWarm = false)
    {
        var chain = new HandedChain(node);
        _chains.Keep(chain, isWarm);
        return chain;
    }
}
