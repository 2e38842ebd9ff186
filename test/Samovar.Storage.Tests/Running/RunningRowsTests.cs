using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Stores;

namespace Samovar.Storage.Tests.Running;

/// <summary>What every store of background turns does. Each test stands on a store of its own.</summary>
public abstract class RunningRowsTests : IAsyncLifetime
{
    private static readonly TenantId Tea = new("tea"), Coffee = new("coffee");
    private static readonly ProcessLease Lease = new("me", TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));

    public abstract ValueTask InitializeAsync();
    public abstract ValueTask DisposeAsync();

    private protected abstract IRunningRows Rows { get; }

    /// <summary>Whether other processes may have the store, too.</summary>
    private protected virtual bool IsShared => false;

    private static RunningRow Row(string id, string process = "me", TenantId? tenant = null) => new()
    {
        Tenant = tenant ?? Tea, Id = new ResponseId(id), Process = process,
        StartedAt = new DateTimeOffset(2026, 11, 29, 1, 2, 3, TimeSpan.Zero), Snapshot = Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\"}}"),
    };

    private static ReadOnlyMemory<byte> End => Encoding.UTF8.GetBytes("{\"status\":\"failed\"}");

    [Fact]
    public async Task Row_IsReadBack_ByItsTenantAlone()
    {
        var row = Row("a");
        await Rows.NoteAsync(row, Soon.Token);
        var found = await Rows.FindAsync(Tea, row.Id, Soon.Token);
        Assert.NotNull(found);
        Assert.Equal((row.Tenant, row.Id, row.Process, row.StartedAt, false),
            (found.Tenant, found.Id, found.Process, found.StartedAt, found.IsEnded));
        Assert.Equal(row.Snapshot.ToArray(), found.Snapshot.ToArray());
        Assert.Null(await Rows.FindAsync(Coffee, row.Id, Soon.Token));
        Assert.False(await Rows.DeleteAsync(Coffee, row.Id, Soon.Token));
        Assert.True(await Rows.DeleteAsync(Tea, row.Id, Soon.Token));
        Assert.Null(await Rows.FindAsync(Tea, row.Id, Soon.Token));
    }

    [Fact]
    public async Task End_IsWrittenOnce()
    {
        var row = Row("a");
        await Rows.NoteAsync(row, Soon.Token);
        Assert.True(await Rows.EndAsync(Tea, row.Id, End, Soon.Token));
        Assert.False(await Rows.EndAsync(Tea, row.Id, Encoding.UTF8.GetBytes("{}"), Soon.Token));
        var found = await Rows.FindAsync(Tea, row.Id, Soon.Token);
        Assert.True(found!.IsEnded);
        Assert.Equal(End.ToArray(), found.Snapshot.ToArray());
    }

    [Fact]
    public async Task RowsOfDeadProcesses_AreFound_AndNoOthers()
    {
        await Rows.RenewAsync(Lease with { Process = "alive" }, Soon.Token);
        await Rows.NoteAsync(Row("mine"), Soon.Token);
        await Rows.NoteAsync(Row("alive", "alive"), Soon.Token);
        await Rows.NoteAsync(Row("dead", "dead", Coffee), Soon.Token);
        await Rows.NoteAsync(Row("ended", "dead"), Soon.Token);
        await Rows.EndAsync(Tea, new ResponseId("ended"), End, Soon.Token);
        var left = await Rows.RenewAsync(Lease, Soon.Token);
        Assert.Equal(IsShared ? ["dead"] : ["alive", "dead"], left.Select(row => row.Id.Value));
        var late = await Rows.RenewAsync(Lease with { DeadAfter = TimeSpan.FromDays(-1) }, Soon.Token); // nobody was seen so lately
        Assert.Equal(["alive", "dead"], late.Select(row => row.Id.Value));
    }

    [Fact]
    public async Task OldEnds_AreForgotten()
    {
        foreach (var id in new[] { "a", "b" }) await Rows.NoteAsync(Row(id), Soon.Token);
        await Rows.EndAsync(Tea, new ResponseId("a"), End, Soon.Token);
        await Rows.RenewAsync(Lease, Soon.Token);
        Assert.NotNull(await Rows.FindAsync(Tea, new ResponseId("a"), Soon.Token));
        await Rows.RenewAsync(Lease with { KeptFor = TimeSpan.FromDays(-1) }, Soon.Token);
        Assert.Null(await Rows.FindAsync(Tea, new ResponseId("a"), Soon.Token));
        Assert.NotNull(await Rows.FindAsync(Tea, new ResponseId("b"), Soon.Token));
    }
}

public sealed class MemoryRunningRowsTests : RunningRowsTests
{
    private protected override IRunningRows Rows { get; } = new MemoryRunningRows(new ManualTime());
    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class SqliteRunningRowsTests : RunningRowsTests
{
    private readonly TestFolder _folder = new();
    private StoreHouse _house = null!;

    private protected override IRunningRows Rows => _house.Running;

    public override async ValueTask InitializeAsync() => _house = await StoreHouse.SqliteAsync(_folder.Path);

    public override async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class PostgresRunningRowsTests(PostgresFixture postgres) : RunningRowsTests
{
    private StoreHouse _house = null!;

    private protected override IRunningRows Rows => _house.Running;
    private protected override bool IsShared => true;

    public override async ValueTask InitializeAsync() => _house = await StoreHouse.PostgresAsync(postgres.ConnectionString());

    public override async ValueTask DisposeAsync()
    {
        if (_house is not null) await _house.DisposeAsync();
    }
}
