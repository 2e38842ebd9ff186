using Npgsql;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Two processes on one PostgreSQL: which of them may add to a chain.</summary>
public sealed class ChainFenceTests(PostgresFixture postgres) : IAsyncLifetime
{
    private string _address = "";
    private StoreHouse _one = null!, _other = null!;

    public async ValueTask InitializeAsync()
    {
        _address = postgres.ConnectionString();
        var houses = await Task.WhenAll(StoreHouse.PostgresAsync(_address), StoreHouse.PostgresAsync(_address)); // both make the tables
        (_one, _other) = (houses[0], houses[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null) await _one.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
    }

    [Fact]
    public async Task Chain_GoesOn_InTheOtherProcess()
    {
        var first = await _one.Rows.AppendAsync(New());
        var second = await _other.Rows.AppendAsync(New(first));
        var third = await _one.Rows.AppendAsync(New(second));
        Assert.Equal([third.Id, second.Id, first.Id], (await _other.Rows.ListAsync(third.Id)).Select(row => row.Id));
    }

    [Fact]
    public async Task Claim_CostsNoWrite_WhereTheProcessHasIt()
    {
        var first = await _one.Rows.AppendAsync(New());
        var claim = await _one.Rows.ClaimAsync(Tea, first.Root, Soon.Token);
        Assert.Equal(claim, await _one.Rows.ClaimAsync(Tea, first.Root, Soon.Token));
        Assert.NotEqual(claim, await _other.Rows.ClaimAsync(Tea, first.Root, Soon.Token));
    }

    [Fact]
    public async Task ProcessThatWakesUpLate_AppendsNothing()
    {
        var first = await _one.Rows.AppendAsync(New());
        var late = New(first) with { Claim = await _one.Rows.ClaimAsync(Tea, first.Root, Soon.Token) };
        var second = await _other.Rows.AppendAsync(New(first));
        var lost = await Assert.ThrowsAsync<ChainLostException>(async () => await _one.Rows.AppendAsync(late, Soon.Token));
        Assert.False(lost.IsParentGone);
        Assert.Empty(await _one.Rows.ListAsync(late.Id));
        Assert.Equal(2, (await _one.Rows.ListAsync(second.Id)).Count);
        Assert.Equal(2, await _one.CountAsync("chain_row"));
    }

    /// <summary>The append has found its epoch and waits; when it goes on, the epoch is another.</summary>
    [Fact]
    public async Task Append_ThatWaitsForAClaim_IsRefused()
    {
        var first = await _one.Rows.AppendAsync(New());
        var next = New(first) with
        {
            Claim = await _one.Rows.ClaimAsync(Tea, first.Root, Soon.Token), Pieces = [Piece("tools")], ItemIds = ["msg_1"],
        };
        await using var claimer = await OpenAsync();
        await using var claim = await claimer.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(claimer, "UPDATE chain_tree SET epoch = epoch + 1, owner = 'another'");
        var append = _one.Rows.AppendAsync(next, Soon.Token).AsTask();
        await WaitForLockAsync();
        await claim.CommitAsync(Soon.Token);
        await Assert.ThrowsAsync<ChainLostException>(() => append);
        foreach (var table in (string[])["chain_piece", "chain_use", "chain_item"]) Assert.Equal(0, await _one.CountAsync(table));
        Assert.Single(await _one.Rows.ListAsync(first.Id));
    }

    [Fact]
    public async Task Claim_WaitsForTheAppend_ThatIsUnderWay()
    {
        var first = await _one.Rows.AppendAsync(New());
        await using var appender = await OpenAsync();
        await using var append = await appender.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(appender, "UPDATE chain_tree SET responses = responses + 1");
        var claim = _other.Rows.ClaimAsync(Tea, first.Root, Soon.Token).AsTask();
        await WaitForLockAsync();
        Assert.False(claim.IsCompleted);
        await append.CommitAsync(Soon.Token);
        Assert.Equal(2, (await claim).Epoch);
    }

    /// <summary>A server that was stopped between an append and its commit says nothing more.</summary>
    [Fact]
    public async Task Claim_DoesNotWaitForLong_ForAServerThatStopped()
    {
        await using var stopping = new PostgresDatabase(PostgresAddress.Of(Hasty()), Hasty());
        var first = await _one.Rows.AppendAsync(New());
        await using (var stopped = await stopping.OpenWriterAsync(Soon.Token))
        {
            await stopped.BeginAsync(Soon.Token);
            await stopped.ExecuteAsync(new("UPDATE chain_tree SET responses = responses + 1"), Soon.Token);
            var claim = _other.Rows.ClaimAsync(Tea, first.Root, Soon.Token).AsTask();
            await WaitForLockAsync();
            Assert.Equal(2, (await claim).Epoch);
            var late = await Assert.ThrowsAnyAsync<Exception>(() => stopped.CommitAsync(Soon.Token));
            Assert.Equal(SqlFault.Away, stopping.FaultOf(late));
        }
        Assert.Null(_other.Store.Trouble);
        var second = await _other.Rows.AppendAsync(New(first));
        Assert.Equal(2, (await _one.Rows.ListAsync(second.Id)).Count);
    }

    /// <summary>Its neighbours in the same transaction are written, and the database does not count as away.</summary>
    [Fact]
    public async Task Write_OfAChainThatIsHeldForLong_IsRefusedAlone()
    {
        await using var hasty = await StoreHouse.PostgresAsync(_address, Hasty());
        var held = await hasty.Rows.AppendAsync(New());
        var next = New(held) with { Claim = await hasty.Rows.ClaimAsync(Tea, held.Root, Soon.Token) };
        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => hasty.Rows.AppendAsync(New())));
        await using var holder = await OpenAsync();
        await using (var holding = await holder.BeginTransactionAsync(Soon.Token))
        {
            await ExecuteAsync(holder, $"SELECT 1 FROM chain_tree WHERE root = '{held.Root}' FOR UPDATE");
            var refused = Assert.ThrowsAsync<StoreAwayException>(async () => await hasty.Rows.AppendAsync(next, Soon.Token));
            var written = Task.WhenAll(others.Select(row => hasty.Rows.AppendAsync(New(row))));
            await refused;
            await written;
            Assert.Null(hasty.Store.Trouble);
            Assert.Empty(hasty.Lines.Lines);
        }
        await hasty.Rows.AppendAsync(next, Soon.Token);
        Assert.Equal(2, (await hasty.Rows.ListAsync(next.Id)).Count);
    }

    [Fact]
    public async Task WritesOfManyChainsThatAreHeld_AreRefused_AndTheOthersWritten()
    {
        await using var hasty = await StoreHouse.PostgresAsync(_address, Hasty());
        var rows = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => hasty.Rows.AppendAsync(New())));
        await using var holder = await OpenAsync();
        await using var holding = await holder.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(holder, "SELECT 1 FROM chain_tree FOR UPDATE");
        var refused = rows.Select(row => Assert.ThrowsAsync<StoreAwayException>(() => hasty.Rows.AppendAsync(New(row)))).ToList();
        var written = Enumerable.Range(0, 20).Select(_ => hasty.Rows.AppendAsync(New())).ToList();
        await Task.WhenAll(refused);
        await Task.WhenAll(written);
        Assert.Null(hasty.Store.Trouble);
    }

    [Fact]
    public async Task RaceForOneHead_LetsNobodyAppendUnseen()
    {
        for (var round = 0; round < 20; round++)
        {
            var head = await _one.Rows.AppendAsync(New());
            var claims = await Task.WhenAll(
                new[] { _one, _other }.Select(house => house.Rows.ClaimAsync(Tea, head.Root, Soon.Token).AsTask()));
            var appends = await Task.WhenAll(
                TryAsync(_one, New(head) with { Claim = claims[0] }), TryAsync(_other, New(head) with { Claim = claims[1] }));
            Assert.Single(appends, isDone => isDone);
        }
    }

    [Fact]
    public async Task Piece_ThatAnotherProcessRemoved_IsStoredAgain()
    {
        var tools = Piece("tools");
        var first = await _one.Rows.AppendAsync(New() with { Pieces = [tools] });
        await _one.AgeAsync(TimeSpan.FromDays(31));
        await _other.Cleanup.CleanAsync(Soon.Token);
        Assert.Equal(0, await _one.CountAsync("chain_piece"));
        var appends = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _one.Rows.AppendAsync(New() with { Pieces = [tools] })));
        foreach (var row in appends)
            Assert.Equal("tools"u8.ToArray(), Assert.Single(await _other.Rows.ListAsync(row.Id)).Pieces[0].Bytes.ToArray());
        Assert.Empty(await _one.Rows.ListAsync(first.Id));
    }

    private StoreOptions Hasty() => new()
    {
        Kind = "postgres", ConnectionString = _address, LockTimeMax = TimeSpan.FromMilliseconds(500),
        IdleTransactionMax = TimeSpan.FromMilliseconds(300),
    };

    private static async Task<bool> TryAsync(StoreHouse house, ChainRow row)
    {
        try
        {
            await house.Rows.AppendAsync(row, Soon.Token);
            return true;
        }
        catch (ChainLostException)
        {
            return false;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_address + ";Pooling=false");
        await connection.OpenAsync(Soon.Token);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Soon.Token);
    }

    /// <summary>Until somebody waits for what another transaction holds.</summary>
    private async Task WaitForLockAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE NOT granted", connection);
        while ((long)(await command.ExecuteScalarAsync(Soon.Token))! == 0) await Task.Delay(10, Soon.Token);
    }
}
