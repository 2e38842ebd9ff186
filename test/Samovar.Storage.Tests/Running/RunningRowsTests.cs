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
    private static readonly ProcessLease Lease = new("me", TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), MayJudge: true);

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

    private static RunningRowInput Input => new(new ResponseId("resp_before"), new byte[] { 1, 2, 3 });
    private static RunningRowRoom Room => new(CountMax: 100, BytesMax: 1000);

    private static ReadOnlyMemory<byte> End => Encoding.UTF8.GetBytes("{\"status\":\"failed\"}");

    [Fact]
    public async Task Row_IsReadBack_ByItsTenantAlone()
    {
        var row = Row("a");
        await Rows.NoteAsync(row, Input, Soon.Token);
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
        await Rows.NoteAsync(row, Input, Soon.Token);
        Assert.True(await Rows.EndAsync(Tea, row.Id, End, Room, Soon.Token));
        Assert.False(await Rows.EndAsync(Tea, row.Id, Encoding.UTF8.GetBytes("{}"), Room, Soon.Token));
        var found = await Rows.FindAsync(Tea, row.Id, Soon.Token);
        Assert.True(found!.IsEnded);
        Assert.Equal(End.ToArray(), found.Snapshot.ToArray());
    }

    [Fact]
    public async Task RowsOfDeadProcesses_AreFound_AndNoOthers()
    {
        await Rows.RenewAsync(Lease with { Process = "alive" }, Soon.Token);
        await Rows.NoteAsync(Row("mine"), Input, Soon.Token);
        await Rows.NoteAsync(Row("alive", "alive"), Input, Soon.Token);
        await Rows.NoteAsync(Row("dead", "dead", Coffee), Input, Soon.Token);
        await Rows.NoteAsync(Row("ended", "dead"), Input, Soon.Token);
        await Rows.EndAsync(Tea, new ResponseId("ended"), End, Room, Soon.Token);
        var left = await Rows.RenewAsync(Lease, Soon.Token);
        Assert.Equal(IsShared ? ["dead"] : ["alive", "dead"], left.Select(row => row.Id.Value));
        var modest = await Rows.RenewAsync(Lease with { MayJudge = false }, Soon.Token);
        Assert.Equal(IsShared ? [] : ["alive", "dead"], modest.Select(row => row.Id.Value));
        var late = await Rows.RenewAsync(Lease with { DeadAfter = TimeSpan.FromDays(-1) }, Soon.Token); // nobody was seen so lately
        Assert.Equal(["alive", "dead"], late.Select(row => row.Id.Value));
    }

    [Fact]
    public async Task Input_IsReadBack_ByItsTenantAlone_BeforeTheEndAndAfterIt()
    {
        await Rows.NoteAsync(Row("a"), Input, Soon.Token);
        await Rows.NoteAsync(Row("b"), Input with { Parent = null }, Soon.Token);
        for (var i = 0; i < 2; i++)
        {
            var found = await Rows.FindInputAsync(Tea, new ResponseId("a"), Soon.Token);
            Assert.Equal((Input.Parent, "010203"), (found?.Parent, Convert.ToHexString(found!.Items.Span)));
            await Rows.EndAsync(Tea, new ResponseId("a"), End, Room, Soon.Token);
        }
        Assert.Null((await Rows.FindInputAsync(Tea, new ResponseId("b"), Soon.Token))!.Parent);
        Assert.Null(await Rows.FindInputAsync(Coffee, new ResponseId("a"), Soon.Token));
        Assert.Null(await Rows.FindInputAsync(Tea, new ResponseId("c"), Soon.Token));
    }

    [Theory]
    [InlineData(2, 1000)]
    [InlineData(100, 50)] // an end takes 23
    public async Task Ends_AreBounded_ByTenant_AndTheOldestGo(int countMax, long bytesMax)
    {
        var room = new RunningRowRoom(countMax, bytesMax);
        await Rows.NoteAsync(Row("runs"), Input, Soon.Token);
        await Rows.NoteAsync(Row("others", tenant: Coffee), Input, Soon.Token);
        await Rows.EndAsync(Coffee, new ResponseId("others"), End, room, Soon.Token);
        foreach (var id in new[] { "a", "b", "c" })
        {
            await Rows.NoteAsync(Row(id), Input, Soon.Token);
            Assert.True(await Rows.EndAsync(Tea, new ResponseId(id), End, room, Soon.Token));
        }
        Assert.Null(await Rows.FindAsync(Tea, new ResponseId("a"), Soon.Token));
        foreach (var id in new[] { "b", "c", "runs" }) Assert.NotNull(await Rows.FindAsync(Tea, new ResponseId(id), Soon.Token));
        Assert.NotNull(await Rows.FindAsync(Coffee, new ResponseId("others"), Soon.Token));
        await Rows.EndAsync(Tea, new ResponseId("runs"), End, new RunningRowRoom(1, 1), Soon.Token); // the newest stays
        Assert.NotNull(await Rows.FindAsync(Tea, new ResponseId("runs"), Soon.Token));
        Assert.Null(await Rows.FindAsync(Tea, new ResponseId("c"), Soon.Token));
    }

    [Fact]
    public async Task Clock_GoesOn()
    {
        var before = await Rows.NowAsync(Soon.Token);
        Assert.InRange(before, DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.MaxValue);
        Assert.InRange(await Rows.NowAsync(Soon.Token), before, before + TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task OldEnds_AreForgotten()
    {
        foreach (var id in new[] { "a", "b" }) await Rows.NoteAsync(Row(id), Input, Soon.Token);
        await Rows.EndAsync(Tea, new ResponseId("a"), End, Room, Soon.Token);
        await Rows.RenewAsync(Lease, Soon.Token);
        await Rows.RenewAsync(Lease with { KeptFor = null }, Soon.Token);
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
