using Samovar.Protocol.Ids;
using Samovar.Storage.Nodes;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>What a node may claim and append, of several that share a store.</summary>
public sealed class NodeClaimsTests(PostgresFixture postgres) : TwoNodes(postgres)
{
    [Fact]
    public async Task Tree_IsTheLifes_ThatBeganIt()
    {
        var head = await One.AppendAsync(New());
        var next = await One.AppendAsync(New(head));
        Assert.Equal(new ChainClaim(1) { Owner = One.Life.Current }, next.Claim);
        Assert.Equal((1, One.Life.Current, NodeState.Active), await OwnerAsync(next));
    }

    [Fact]
    public async Task TreeOfANodeThatLives_IsNotTaken()
    {
        var head = await One.AppendAsync(New());
        var elsewhere = await Assert.ThrowsAsync<ChainElsewhereException>(() => Other.ClaimAsync(head.Root));
        Assert.Equal(One.Row, elsewhere.Owner);
        await One.Nodes.MoveAsync(One.Life.Current!.Value, NodeState.Draining, "", Soon.Token);
        await Assert.ThrowsAsync<ChainElsewhereException>(() => Other.ClaimAsync(head.Root));
        Assert.Equal(1, (await One.TreeAsync(head)).Epoch);
    }

    [Fact]
    public async Task TreeOfADeadNode_IsTaken_AndItsLateAppendRefused()
    {
        var head = await One.AppendAsync(New());
        var late = New(head) with { Claim = await One.ClaimAsync(head.Root) };
        await One.DieAsync(Other);
        Assert.Equal(new ChainClaim(2) { Owner = Other.Life.Current }, await Other.ClaimAsync(head.Root));
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(late, Soon.Token));
        await Other.AppendAsync(New(head));
    }

    [Fact]
    public async Task TreeThatNobodyHas_OrOneWithoutARow_IsTaken()
    {
        var (released, unknown) = (await One.AppendAsync(New()), await One.AppendAsync(New()));
        Assert.True(await One.Trees.ReleaseAsync(Tea, released.Root, 1, One.Life.Current!.Value, Soon.Token));
        await One.House.ExecuteAsync($"UPDATE chain_tree SET owner = 'a process' WHERE root = '{unknown.Root}'");
        Assert.Equal(2, (await Other.ClaimAsync(released.Root)).Epoch);
        Assert.Equal(2, (await Other.ClaimAsync(unknown.Root)).Epoch);
        await Assert.ThrowsAsync<ChainLostException>(() => Other.ClaimAsync(new ResponseId("resp_unknown")));
    }

    [Fact]
    public async Task PlacedTurn_AsksNobody_AndIsRefusedWhereItsEpochIsOver()
    {
        var head = await One.AppendAsync(New());
        await One.AppendAsync(New(head), placed: 1);
        await One.House.ExecuteAsync("ALTER TABLE chain_tree RENAME TO away");
        var late = New(head) with { Claim = await One.ClaimAsync(head.Root, placed: 1) };
        await One.House.ExecuteAsync("ALTER TABLE away RENAME TO chain_tree");
        Assert.True(await Other.Trees.ClaimAsync(Tea, head.Root, 1, Other.Life.Current!.Value, isForced: true, Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(late, Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(() => One.AppendAsync(New(head), placed: 1));
        await Assert.ThrowsAsync<ChainLostException>(() => One.AppendAsync(New(head), placed: 2)); // the epoch is the other's
    }

    /// <summary>It is a turn that begins a chain, whose content was found in one that is there.</summary>
    [Fact]
    public async Task EpochOfANewTree_IsNoClaim_OnOneThatIsThere()
    {
        var head = await One.AppendAsync(New());
        Assert.Equal(1, (await One.ClaimAsync(head.Root, placed: 0)).Epoch);
        await Assert.ThrowsAsync<ChainElsewhereException>(() => Other.ClaimAsync(head.Root, placed: 0));
    }

    /// <summary>What it was sent may have been begun elsewhere since.</summary>
    [Fact]
    public async Task NodeThatIsDeadByItsRow_BeginsNoTree_ThoughItDoesNotKnow()
    {
        var begun = New() with { Claim = await One.ClaimAsync(root: null) };
        await One.DieAsync(Other);
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(begun, Soon.Token));
        Assert.Equal((0, 0), (await One.House.CountAsync("chain_tree"), await One.House.CountAsync("chain_row")));
        var elsewhere = begun with { Claim = await Other.ClaimAsync(root: null) };
        await Other.Rows.AppendAsync(elsewhere, Soon.Token);
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(begun, Soon.Token));
        Assert.Equal((1, Other.Life.Current, NodeState.Active), await OwnerAsync(elsewhere));
    }

    /// <summary>Nobody has claimed the tree yet: the rows alone would let it append.</summary>
    [Fact]
    public async Task LifeThatWasDeclaredDead_AppendsNothing_OnceTheNodeKnows()
    {
        var head = await One.AppendAsync(New());
        var late = New(head) with { Claim = await One.ClaimAsync(head.Root) };
        var begun = New() with { Claim = await One.ClaimAsync(root: null) };
        await One.DieAsync(Other);
        One.Life.Current = null;
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(late, Soon.Token));
        await Assert.ThrowsAsync<StoreAwayException>(() => One.ClaimAsync(head.Root));
        One.Life.Current = Incarnation.New(new IdSource());
        await One.BeginAsync();
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(late, Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(begun, Soon.Token));
        var next = await One.AppendAsync(New(head)); // its next life takes the tree
        Assert.Equal((2, One.Life.Current, NodeState.Active), await OwnerAsync(next));
    }

    [Fact]
    public async Task NodeThatIsDeadByItsRow_ClaimsNothing_ThoughItDoesNotKnow()
    {
        var head = await One.AppendAsync(New());
        await One.DieAsync(Other);
        await Other.DieAsync(One);
        await Assert.ThrowsAsync<StoreAwayException>(() => Other.ClaimAsync(head.Root));
        Assert.Equal(1, (await One.TreeAsync(head)).Epoch);
    }

    /// <summary>Whichever comes first: a dead node has no tree that it took after its death.</summary>
    [Fact]
    public async Task ClaimAndDeath_AtTheSameMoment_ComeOneAfterTheOther()
    {
        var heads = new List<ChainRow>();
        for (var i = 0; i < 40; i++) heads.Add(await One.AppendAsync(New()));
        foreach (var head in heads) await One.Trees.ReleaseAsync(Tea, head.Root, 1, One.Life.Current!.Value, Soon.Token);
        var claims = heads.Select((head, place) => Task.Run(async () =>
        {
            if (place == heads.Count / 2) await Other.DieAsync(One);
            return await Other.Trees.ClaimAsync(Tea, head.Root, 1, Other.Life.Current!.Value, isForced: false, Soon.Token);
        })).ToList();
        var areTaken = await Task.WhenAll(claims);
        Assert.False(areTaken[heads.Count / 2]);
        for (var i = 0; i < heads.Count; i++)
        {
            Assert.Equal(areTaken[i] ? 2 : 1, (await One.TreeAsync(heads[i])).Epoch);
            await One.AppendAsync(New(heads[i])); // whatever the other took is anybody's now
        }
    }

    [Fact]
    public async Task Release_LetsGoOfOne()
    {
        var (own, kept) = (await One.AppendAsync(New()), await One.AppendAsync(New()));
        var late = New(own) with { Claim = await One.ClaimAsync(own.Root) };
        var others = await Other.AppendAsync(New());
        Assert.True(await One.Trees.ReleaseAsync(Tea, own.Root, 1, One.Life.Current!.Value, Soon.Token));
        Assert.False(await One.Trees.ReleaseAsync(Tea, own.Root, 1, One.Life.Current!.Value, Soon.Token));
        Assert.Equal(new Dictionary<Incarnation, long> { [One.Life.Current!.Value] = 1, [Other.Life.Current!.Value] = 1 },
            await Other.Trees.CountAsync(Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(async () => await One.Rows.AppendAsync(late, Soon.Token));
        Assert.Equal(2, (await Other.AppendAsync(New(own))).Claim.Epoch);
        await One.AppendAsync(New(kept));
        await Other.AppendAsync(New(others));
    }

    /// <summary>As it stops: its one row is changed, however many trees it has.</summary>
    [Fact]
    public async Task NodeThatIsGoneByItsRow_HasLetGoOfAll()
    {
        var own = new List<ChainRow>();
        for (var i = 0; i < 3; i++) own.Add(await One.AppendAsync(New()));
        await One.DieAsync(Other);
        foreach (var row in own) Assert.Equal(2, (await Other.AppendAsync(New(row))).Claim.Epoch);
        Assert.Equal([Other.Life.Current!.Value], (await Other.Trees.CountAsync(Soon.Token)).Keys);
    }

    private async Task<(long Epoch, Incarnation? Owner, NodeState? State)> OwnerAsync(ChainRow row)
    {
        var tree = await Other.TreeAsync(row);
        return (tree.Epoch, tree.Owner, tree.Node?.State);
    }
}
