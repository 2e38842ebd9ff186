using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Conversations;
using Samovar.Storage.Running;
using Samovar.Storage.Sql;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Chains;

/// <summary>Parts of long chains, and of chains that an earlier version stored.</summary>
public abstract class ChainSpansTests : IAsyncLifetime
{
    private const int Long = 1000;
    private readonly StoreOptions _options = new();
    private StoreHouse _house = null!;

    public async ValueTask InitializeAsync()
    {
        if (IsOld) await MakeOldAsync();
        _house = await StoreHouse.OpenAsync(Database(_options), _options);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract ISqlDatabase Database(StoreOptions options);

    /// <summary>Whether the first rows are of the version before.</summary>
    private protected virtual bool IsOld => false;

    /// <summary>How many rows are looked at on the way to any row of a long chain.</summary>
    private protected virtual int StepsMax => 40;

    [Fact]
    public async Task AnyRow_IsSomeStepsAway()
    {
        var chain = await LongAsync();
        foreach (var depth in new[] { 1, 2, 3, 64, 65, 66, 127, 128, 129, 500, Long - 1, Long })
        {
            var rows = await _house.Rows.Spans.ReadAsync(Rows.Tea, chain[^1].Id, depth, depth, Soon.Token);
            Assert.Equal(chain[depth - 1].Id, Assert.Single(rows).Id);
            var steps = await _house.Store.ReadAsync((session, deadline) => session.ScalarAsync(
                new(SpanTexts.Steps, ("@tenant", Rows.Tea.Value), ("@head", chain[^1].Id.Value), ("@last", depth)), deadline), Soon.Token);
            Assert.InRange((long)steps!, 1, StepsMax);
        }
    }

    [Fact]
    public async Task Span_IsReadOldestFirst_AsItWasStored()
    {
        var chain = await LongAsync();
        foreach (var (first, last) in new[] { (1, 3), (60, 70), (Long - 2, Long), (Long, Long + 5), (0, 2) })
        {
            var rows = await _house.Rows.Spans.ReadAsync(Rows.Tea, chain[^1].Id, first, Math.Min(last, Long), Soon.Token);
            var expected = chain.Where(row => row.Depth >= first && row.Depth <= last);
            Assert.Equal(expected.Select(static row => row.Id), rows.Select(static row => row.Id));
            Assert.All(rows, row => Assert.Equal(chain[row.Depth - 1].Body.ToArray(), row.Body.ToArray()));
        }
    }

    [Fact]
    public async Task ForkAndForeignRows_AreNoPart()
    {
        var chain = await LongAsync();
        var spans = _house.Rows.Spans;
        var fork = await _house.Rows.AppendAsync(Rows.New(chain[499]) with { ItemIds = ["msg_fork"] });
        var newest = await _house.Rows.AppendAsync(Rows.New(chain[^1]) with { ItemIds = ["msg_own", "msg_fork"] });
        var other = await _house.Rows.AppendAsync(Rows.New() with { ItemIds = ["msg_own"] });
        await _house.Rows.AppendAsync(Rows.New(tenant: Rows.Coffee) with { ItemIds = ["msg_fork"] });
        Assert.Equal(501, await spans.FindRowAsync(Rows.Tea, fork.Id, fork.Id, Soon.Token));
        foreach (var id in new[] { fork.Id, other.Id, new ResponseId("resp_none") })
            Assert.Null(await spans.FindRowAsync(Rows.Tea, newest.Id, id, Soon.Token));
        Assert.Null(await spans.FindRowAsync(Rows.Coffee, newest.Id, chain[0].Id, Soon.Token));
        Assert.Empty(await spans.ReadAsync(Rows.Coffee, newest.Id, 1, 2, Soon.Token));
        Assert.Null(await spans.DepthAsync(Rows.Coffee, newest.Id, isHead: true, Soon.Token));
        var found = await spans.FindItemsAsync(Rows.Tea, newest.Id, ["msg_fork", "msg_own", "msg_none"], Long + 2, Soon.Token);
        Assert.Equal([("msg_fork", Long + 1), ("msg_own", Long + 1)], found.Select(static item => (item.Key, item.Value)).Order());
        Assert.Empty(await spans.FindItemsAsync(Rows.Tea, newest.Id, ["msg_fork", "msg_own"], Long + 1, Soon.Token));
        var ofFork = await spans.ReadAsync(Rows.Tea, fork.Id, 500, 501, Soon.Token);
        Assert.Equal([chain[499].Id, fork.Id], ofFork.Select(static row => row.Id));
    }

    [Fact]
    public async Task ItemOfManyForks_IsFoundWhereTheChainHasItFirst()
    {
        var chain = await LongAsync();
        var spans = _house.Rows.Spans;
        const string item = "msg_same";
        for (var forks = 0; forks < 30; forks++)
            await _house.Rows.AppendAsync(Rows.New(chain[10 * (forks % 5) + 500]) with { ItemIds = [item] });
        var own = await _house.Rows.AppendAsync(Rows.New(chain[^1]) with { ItemIds = ["msg_own"] });
        foreach (var head in new[] { chain[^1].Id, own.Id })
            Assert.Empty(await spans.FindItemsAsync(Rows.Tea, head, [item], Long + 5, Soon.Token));
        var first = await _house.Rows.AppendAsync(Rows.New(own) with { ItemIds = [item] });
        var again = await _house.Rows.AppendAsync(Rows.New(first) with { ItemIds = [item, "msg_again"] });
        var found = await spans.FindItemsAsync(Rows.Tea, again.Id, ["msg_again", item, "msg_own", item], Long + 5, Soon.Token);
        Assert.Equal([("msg_again", Long + 3), ("msg_own", Long + 1), (item, Long + 2)],
            found.Select(static one => (one.Key, one.Value)).Order());
    }

    [Fact]
    public async Task CompletionsOfTheVersionBefore_AreFoundByTheirMetadata()
    {
        if (!IsOld) await AppendOldAsync();
        foreach (var labels in new CompletionLabel[][] { [new("k", "v")], [CompletionLabel.OfModel("m")], [] })
            Assert.Equal("resp_completion", Assert.Single(
                await _house.Completions.ListAsync(Rows.Tea, labels, null, isDescending: true, 5, Soon.Token)).Id.Value);
    }

    private static ChainRow Completion => Rows.New() with
    {
        Id = new("resp_completion"), Root = new("resp_completion"), Kind = RowKind.ChatCompletion, Model = "m",
        Metadata = """{"k":"v"}"""u8.ToArray(),
    };

    private static ChainRow Old(int depth) => Rows.New() with
    {
        Id = new($"resp_old_{depth}"), Root = new("resp_old_1"), Depth = depth, Parent = depth == 1 ? null : new($"resp_old_{depth - 1}"),
        Body = new byte[] { (byte)depth, 1 }, Claim = new ChainClaim(1),
    };

    /// <summary>A long chain; all but its newest rows are of the version before, where it is asked for.</summary>
    private async Task<ChainRow[]> LongAsync()
    {
        ChainRow[] chain = [.. Enumerable.Range(1, Long).Select(Old)];
        foreach (var row in IsOld ? chain[^10..] : chain) await _house.Rows.AppendAsync(row);
        return chain;
    }

    private async Task AppendOldAsync() => await _house.Rows.AppendAsync(Completion);

    /// <summary>As the version before has written it.</summary>
    private async Task MakeOldAsync()
    {
        var (idle, held, whole) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3));
        var patient = new StoreOptions { IdleTransactionMax = idle, LockTimeMax = held, CommandTimeMax = whole };
        await using var database = Database(patient); // its one transaction has a thousand rows, however slow the machine is
        await using var session = await database.OpenWriterAsync(Soon.Token);
        SchemaRoom[] before = [new("chains", [.. ChainSchema.Room.Steps.Take(2)]), RunningSchema.Room,
            new("conversations", [.. ConversationSchema.Room.Steps.Take(1)])];
        await new SchemaVersions(database.Dialect, before).PrepareAsync(session, database.Name, () => { }, Soon.Token);
        await session.BeginAsync(Soon.Token);
        await TreeAsync(session, 1, "resp_old_1", Long - 10);
        await TreeAsync(session, 2, "resp_completion", 1);
        for (var depth = 1; depth <= Long - 10; depth++) await RowAsync(session, Old(depth), tree: 1, depth == 1 ? null : depth - 1);
        await RowAsync(session, Completion, tree: 2, parent: null);
        await session.CommitAsync(Soon.Token);
    }

    private static Task<int> TreeAsync(SqlSession session, long seq, string root, int count) => session.ExecuteAsync(
        new("""
            INSERT INTO chain_tree (tenant, root, epoch, owner, expired, used_at, responses, bytes)
            VALUES (@tenant, @root, 1, 'file', 0, 9000000000000, @count, 100)
            """, ("@tenant", Rows.Tea.Value), ("@root", root), ("@count", count)), Soon.Token);

    private static Task<int> RowAsync(SqlSession session, ChainRow row, long tree, long? parent) => session.ExecuteAsync(
        new($"""
            INSERT INTO chain_row (tree, parent, depth, deleted, created_at, size, tenant, id, pieces, body, kind, model, metadata)
            VALUES (@tree, {(parent is null ? "NULL" : "@parent")}, @depth, 0, 1, 2, @tenant, @id, @pieces, @body, @kind, @model, @metadata)
            """,
            [("@tree", tree), .. parent is { } before ? new (string, object)[] { ("@parent", before) } : [], ("@depth", row.Depth),
                ("@tenant", row.Tenant.Value), ("@id", row.Id.Value), ("@pieces", Array.Empty<byte>()), ("@body", row.Body.ToArray()),
                ("@kind", (int)row.Kind), ("@model", row.Model ?? ""), ("@metadata", row.Metadata.ToArray())]), Soon.Token);
}

public class SqliteChainSpansTests : ChainSpansTests
{
    private readonly TestFolder _folder = new();

    private protected override ISqlDatabase Database(StoreOptions options) =>
        new SqliteDatabase(_folder.File, options, TimeProvider.System);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class OldSqliteChainSpansTests : SqliteChainSpansTests
{
    private protected override bool IsOld => true;
    private protected override int StepsMax => 64 + 64 + 1000 / 64 + 1;
}

public class PostgresChainSpansTests(PostgresFixture postgres) : ChainSpansTests
{
    private readonly string _address = postgres.ConnectionString();

    private protected override ISqlDatabase Database(StoreOptions options)
    {
        (options.Kind, options.ConnectionString) = ("postgres", _address);
        return new PostgresDatabase(PostgresAddress.Of(options), options);
    }
}

public sealed class OldPostgresChainSpansTests(PostgresFixture postgres) : PostgresChainSpansTests(postgres)
{
    private protected override bool IsOld => true;
    private protected override int StepsMax => 64 + 64 + 1000 / 64 + 1;
}
