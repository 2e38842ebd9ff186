using Npgsql;
using Samovar.Protocol.Ids;
using Samovar.Storage.Nodes;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Nodes;

/// <summary>Who may take a tree of responses, by the rows of the nodes.</summary>
public sealed class TreeRowsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string _address = "";
    private StoreHouse _one = null!, _other = null!;
    private PostgresNodeRows _nodes = null!, _others = null!;
    private ChainRow _head = null!;

    public async ValueTask InitializeAsync()
    {
        _address = postgres.ConnectionString();
        (_one, _other) = (await StoreHouse.PostgresAsync(_address), await StoreHouse.PostgresAsync(_address));
        (_nodes, _others) = (NodeRows(), NodeRows());
        await _nodes.BeginAsync(NodeOf("one", _one), Soon.Token);
        await _others.BeginAsync(NodeOf("other", _other), Soon.Token);
        _head = await _one.Rows.AppendAsync(New());
    }

    public async ValueTask DisposeAsync()
    {
        if (_nodes is not null) await _nodes.DisposeAsync();
        if (_others is not null) await _others.DisposeAsync();
        if (_one is not null) await _one.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
    }

    [Fact]
    public async Task Tree_IsFound_WithItsOwner()
    {
        var tree = await _other.Trees.FindAsync(Tea, _head.Id, Soon.Token);
        Assert.Equal(new TreeRow(_head.Root, 1, _one.Incarnation, NodeOf("one", _one)), tree);
        Assert.Null(await _other.Trees.FindAsync(Coffee, _head.Id, Soon.Token));
        Assert.Null(await _other.Trees.FindAsync(Tea, new ResponseId("resp_unknown"), Soon.Token));
    }

    [Fact]
    public async Task TreeOfALivingNode_IsNotTaken()
    {
        Assert.False(await ClaimAsync(_other));
        await _nodes.MoveAsync(_one.Incarnation, NodeState.Draining, "", Soon.Token);
        Assert.False(await ClaimAsync(_other));
        Assert.Equal(1, (await TreeAsync()).Epoch);
    }

    [Fact]
    public async Task TreeOfADeadNode_IsTaken_AndItsLateAppendRefused()
    {
        var late = New(_head) with { Claim = await _one.Rows.ClaimAsync(Tea, _head.Root, Soon.Token) };
        Assert.True(await _others.MoveAsync(_one.Incarnation, NodeState.Dead, "its lock fell", Soon.Token));
        Assert.True(await ClaimAsync(_other));
        await Assert.ThrowsAsync<ChainLostException>(async () => await _one.Rows.AppendAsync(late, Soon.Token));
        var next = await _other.Rows.AppendAsync(New(_head));
        Assert.Equal(2, (await _one.Rows.ListAsync(next.Id)).Count);
    }

    [Fact]
    public async Task NodeThatWasDeclaredDead_TakesNothing_NotByForceEither()
    {
        await _nodes.MoveAsync(_one.Incarnation, NodeState.Dead, "", Soon.Token);
        await _nodes.MoveAsync(_other.Incarnation, NodeState.Dead, "", Soon.Token);
        Assert.False(await ClaimAsync(_other));
        Assert.False(await ClaimAsync(_other, isForced: true));
        Assert.False(await _one.Trees.ClaimAsync(Tea, _head.Root, 1, new Incarnation("unknown"), isForced: true, Soon.Token));
    }

    [Fact]
    public async Task DrainingNode_TakesNothing()
    {
        await _nodes.MoveAsync(_one.Incarnation, NodeState.Dead, "", Soon.Token);
        await _others.MoveAsync(_other.Incarnation, NodeState.Draining, "", Soon.Token);
        Assert.False(await ClaimAsync(_other));
    }

    [Fact]
    public async Task LivingNodesTree_IsTakenByForce()
    {
        Assert.True(await ClaimAsync(_other, isForced: true));
        Assert.Equal((2, _other.Incarnation), ((await TreeAsync()).Epoch, (await TreeAsync()).Owner));
    }

    [Fact]
    public async Task ReleasedTree_IsAnybodys_AndAppendsOfItsFormerOwnerAreRefused()
    {
        var late = New(_head) with { Claim = await _one.Rows.ClaimAsync(Tea, _head.Root, Soon.Token) };
        Assert.False(await _other.Trees.ReleaseAsync(Tea, _head.Root, 1, _other.Incarnation, Soon.Token));
        Assert.True(await _one.Trees.ReleaseAsync(Tea, _head.Root, 1, _one.Incarnation, Soon.Token));
        Assert.Null((await TreeAsync()).Owner);
        await Assert.ThrowsAsync<ChainLostException>(async () => await _one.Rows.AppendAsync(late, Soon.Token));
        Assert.True(await ClaimAsync(_other));
    }

    /// <summary>Of many that claim at once one gets it.</summary>
    [Fact]
    public async Task Claim_IsOneNodes()
    {
        for (var epoch = 1L; epoch <= 20; epoch++)
        {
            var claims = await Task.WhenAll(new[] { _one, _other, _one, _other }.Select(house => house.Trees.ClaimAsync(
                Tea, _head.Root, epoch, house.Incarnation, isForced: true, Soon.Token).AsTask()));
            Assert.Single(claims, isTaken => isTaken);
            Assert.Equal(epoch + 1, (await TreeAsync()).Epoch);
        }
    }

    /// <summary>The claim has read its own row as active; who declares it dead at that moment comes after the claim.</summary>
    [Fact]
    public async Task Death_WaitsForAClaimThatIsUnderWay()
    {
        await using var connection = new NpgsqlConnection(_address + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        await using var claiming = await connection.BeginTransactionAsync(Soon.Token);
        await using (var session = new NpgsqlCommand(
            "SELECT 1 FROM node WHERE incarnation = $1 AND state = 0 FOR KEY SHARE", connection))
        {
            session.Parameters.AddWithValue(_other.Incarnation.Value);
            Assert.Equal(1, await session.ExecuteScalarAsync(Soon.Token));
        }
        var death = _nodes.MoveAsync(_other.Incarnation, NodeState.Dead, "", Soon.Token).AsTask();
        await _others.BeatAsync(_other.Incarnation, NodeLoad.None, Soon.Token); // beats do not wait
        Assert.False(death.IsCompleted);
        await claiming.CommitAsync(Soon.Token);
        Assert.True(await death);
    }

    private Task<bool> ClaimAsync(StoreHouse house, bool isForced = false) =>
        house.Trees.ClaimAsync(Tea, _head.Root, 1, house.Incarnation, isForced, Soon.Token).AsTask();

    private async Task<TreeRow> TreeAsync() => (await _one.Trees.FindAsync(Tea, _head.Id, Soon.Token))!;

    private static ClusterNode NodeOf(string name, StoreHouse house) =>
        new(new NodeName(name), house.Incarnation, new Uri($"http://{name}:1"), NodeState.Active);

    private PostgresNodeRows NodeRows()
    {
        var options = new StoreOptions { Kind = "postgres", ConnectionString = _address };
        return new PostgresNodeRows(PostgresAddress.Of(options), options.CommandTimeMax);
    }
}
