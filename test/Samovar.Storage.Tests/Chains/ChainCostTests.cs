using Microsoft.Data.Sqlite;
using Samovar.Protocol.Ids;
using Samovar.Storage.Chains;
using Samovar.Storage.Sql;
using Samovar.Storage.Tests.Sql;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Chains;

/// <summary>What a write costs the one connection that writes, and so everybody else.</summary>
public sealed class ChainCostTests : IDisposable
{
    private readonly List<TestFolder> _folders = [];

    public void Dispose() => _folders.ForEach(static folder => folder.Dispose());

    [Fact]
    public async Task Deletion_CostsTheSame_HoweverMuchElseTheTreeHas()
    {
        var few = await DeletionAsync(siblings: 10);
        Assert.InRange(await DeletionAsync(siblings: 10_000), 1, 2 * few);
    }

    /// <summary>As many as a request may have: they are one statement, and the row goes alone.</summary>
    [Fact]
    public void RowOfManyItems_IsFewStatements_AndAGroupOfItsOwn()
    {
        var row = New() with { ItemIds = [.. Enumerable.Range(0, 65_536).Select(static i => $"rs_{i}")] };
        var append = new ChainAppend(row, new ChainTexts(SqlDialect.Sqlite), "me", static _ => false);
        Assert.Equal(3, append.Statements.Count);
        Assert.InRange(new PendingWrite(append.Statements, append.BytesSent).Weight, new StoreOptions().BatchBytesMax, long.MaxValue);
        var few = New() with { ItemIds = ["msg_1", "msg_2"] };
        var usual = new ChainAppend(few, new ChainTexts(SqlDialect.Sqlite), "me", static _ => false);
        Assert.InRange(new PendingWrite(usual.Statements, usual.BytesSent).Weight, 1,
            new StoreOptions().BatchBytesMax / new StoreOptions().BatchMax);
    }

    /// <returns>About how many steps SQLite's machine takes for it.</returns>
    private async Task<int> DeletionAsync(int siblings)
    {
        var folder = new TestFolder();
        _folders.Add(folder);
        var options = new StoreOptions();
        await using var sqlite = new SqliteDatabase(folder.File, options, TimeProvider.System);
        var database = new HeldDatabase(sqlite);
        await using var house = await StoreHouse.OpenAsync(database, options);
        var first = await house.Rows.AppendAsync(New());
        await house.ExecuteAsync("""
            INSERT INTO chain_row (tree, parent, depth, deleted, created_at, size, tenant, id, pieces, body)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
            SELECT r.tree, r.seq, 2, 0, 1, 2, r.tenant, 'resp_sibling_' || n.i, x'', x'0000' FROM n CROSS JOIN chain_row r WHERE r.id = @id
            """, ("@count", siblings), ("@id", first.Id.Value));
        await house.ExecuteAsync("UPDATE chain_tree SET responses = responses + @count, bytes = bytes + 2 * @count", ("@count", siblings));
        var steps = 0;
        SQLitePCL.raw.sqlite3_progress_handler(((SqliteConnection)database.Writer!.Connection).Handle, 1, _ =>
        {
            steps++;
            return 0;
        }, null);
        Assert.True(await house.Rows.DeleteAsync(Tea, new ResponseId("resp_sibling_5"), Soon.Token));
        var taken = steps;
        Assert.Equal(0, await house.MiscountedAsync());
        Assert.Equal(siblings, await house.CountAsync("chain_row"));
        return taken;
    }
}
