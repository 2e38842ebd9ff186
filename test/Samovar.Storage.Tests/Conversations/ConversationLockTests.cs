using Npgsql;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;
using Samovar.Storage.Tests.Chains;

namespace Samovar.Storage.Tests.Conversations;

/// <summary>Two processes on one PostgreSQL: which of them may work on a conversation.</summary>
public sealed class ConversationLockTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly ConversationId Id = new("conv_1");
    private static readonly TimeSpan LockMax = TimeSpan.FromMinutes(1);
    private StoreHouse _one = null!, _other = null!;
    private string _address = "";

    public async ValueTask InitializeAsync()
    {
        _address = postgres.ConnectionString();
        _one = await StoreHouse.PostgresAsync(_address);
        _other = await StoreHouse.PostgresAsync(_address);
        await _one.Conversations.CreateAsync(
            new ConversationRow { Tenant = Tea, Id = Id, CreatedAt = DateTimeOffset.UnixEpoch }, countMax: 10, Soon.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null) await _one.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
    }

    [Fact]
    public async Task OtherProcess_IsRefused_UntilTheFirstHasLeft()
    {
        var locked = await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await BusyAsync(_other);
        await BusyAsync(_one);
        await _one.Conversations.UnlockAsync(locked!, isMoved: false, Soon.Token);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));
        await BusyAsync(_one);
    }

    [Fact]
    public async Task ProcessThatLives_KeepsItsLock_AndOneThatDied_LosesIt()
    {
        await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await PassAsync(LockMax / 2);
        await _one.Conversations.RenewAsync(LockMax, Soon.Token);
        await PassAsync(LockMax * 0.9);
        await BusyAsync(_other);
        await PassAsync(LockMax);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));
    }

    [Fact]
    public async Task ProcessThatWakesUpLate_AppendsNothing_ThoughNothingElseWasAppended()
    {
        var late = await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await PassAsync(LockMax);
        var next = await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await Assert.ThrowsAsync<ChainLostException>(() => AppendAsync(_one, late!));
        Assert.Equal(0, await _one.CountAsync("chain_tree"));
        await AppendAsync(_other, next!);
        Assert.NotNull((await _one.Conversations.FindAsync(Tea, Id, Soon.Token))!.Head);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token).AsTask().WaitAsync(Soon.Token));
    }

    [Fact]
    public async Task Append_EndsTheLockForOthers_WithoutAWriteOfItsOwn()
    {
        var locked = await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await AppendAsync(_one, locked!);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));
    }

    /// <summary>The lock is on its way, and comes true after its caller has left.</summary>
    [Fact]
    public async Task CallerThatLeaves_LeavesNoLock()
    {
        await using var holder = new NpgsqlConnection(_address + ";Pooling=false");
        await holder.OpenAsync(Soon.Token);
        await using var holding = await holder.BeginTransactionAsync(Soon.Token);
        await ExecuteAsync(holder, "UPDATE conversation SET version = version");
        using var caller = new CancellationTokenSource();
        var locking = _one.Conversations.LockAsync(Tea, Id, LockMax, caller.Token).AsTask();
        while ((long)(await ExecuteAsync(holder, "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid " +
            "WHERE NOT l.granted AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid))"))! == 0)
            await Task.Delay(20, Soon.Token);
        caller.Cancel();
        await holding.CommitAsync(Soon.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locking);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));
    }

    /// <summary>Written for nobody, and not given back: the process that has it takes it, others wait for its end.</summary>
    [Fact]
    public async Task LockThatItsProcessDoesNotKnow_IsTakenByThatProcess()
    {
        var lost = await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await _one.Conversations.UnlockAsync(lost!, isMoved: true, Soon.Token); // which moved nothing
        await BusyAsync(_other);
        var again = await _one.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token);
        await BusyAsync(_one);
        await _one.Conversations.UnlockAsync(again!, isMoved: false, Soon.Token);
        Assert.NotNull(await _other.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Soon.Token);
    }

    /// <summary>Time that others see pass; the database's own does not.</summary>
    private Task PassAsync(TimeSpan time) => _one.ExecuteAsync(
        "UPDATE conversation SET locked_until = locked_until - @by WHERE locked_by <> ''", ("@by", (long)time.TotalMilliseconds));

    private static async Task BusyAsync(StoreHouse house) => await Assert.ThrowsAsync<ConversationBusyException>(
        async () => await house.Conversations.LockAsync(Tea, Id, LockMax, Soon.Token));

    private static async Task AppendAsync(StoreHouse house, ConversationRow locked)
    {
        var move = new ConversationMove(Id, locked.Version, locked.Head);
        await house.Rows.AppendAsync(New() with { Claim = ChainClaim.New with { Conversation = move } }, Soon.Token);
        await house.Conversations.UnlockAsync(locked, isMoved: true, Soon.Token);
    }
}
