using Samovar.Storage.Sql;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Sql;

/// <summary>Tables of other versions and of other programs.</summary>
public abstract class SchemaVersionsTests
{
    private static readonly SchemaRoom First = new("tea", "CREATE TABLE tea (name TEXT)");
    private static readonly SchemaRoom Second = new(
        "tea", First.Steps[0], "ALTER TABLE tea ADD COLUMN taste TEXT; UPDATE tea SET taste = 'strong'");

    private static readonly SchemaRoom Coffee = new("coffee", "CREATE TABLE coffee (name TEXT)");

    private protected abstract ISqlDatabase Database();
    private protected abstract string Tables { get; }

    [Fact]
    public async Task OlderTables_AreBroughtUpToDate_WithWhatIsInThem()
    {
        await PrepareAsync(First, "INSERT INTO tea (name) VALUES ('Assam')");
        await PrepareAsync(Second, "INSERT INTO tea (name, taste) VALUES ('Earl Grey', 'flowery')");
        await PrepareAsync(Second);
        Assert.Equal(["Assam: strong", "Earl Grey: flowery"], await ReadAsync("SELECT name || ': ' || taste FROM tea ORDER BY name"));
        Assert.Equal(["2"], await ReadAsync("SELECT CAST(version AS TEXT) FROM samovar_schema"));
    }

    [Fact]
    public async Task LaterTables_AreRefused_AndStayAsTheyAre()
    {
        await PrepareAsync(Second, "INSERT INTO tea (name) VALUES ('Assam')");
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => PrepareAsync(First));
        Assert.Contains("'tea' are of version 2, this server knows 1", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["Assam"], await ReadAsync("SELECT name FROM tea"));
    }

    /// <summary>A later one has begun beside it.</summary>
    [Fact]
    public async Task LaterTables_DoNotMatter_ToAServerThatRuns()
    {
        await using var database = Database();
        await using var session = await database.OpenWriterAsync(Soon.Token);
        var running = new SchemaVersions(database.Dialect, [First]);
        await running.PrepareAsync(session, database.Name, () => { }, Soon.Token);
        await new SchemaVersions(database.Dialect, [Second, Coffee]).PrepareAsync(session, database.Name, () => { }, Soon.Token);
        await running.PrepareAsync(session, database.Name, () => Assert.Fail("It changes nothing."), Soon.Token);
        await session.ExecuteAsync(new("INSERT INTO tea (name) VALUES ('Assam')"), Soon.Token);
        Assert.Equal(2, await session.ScalarAsync(new("SELECT version FROM samovar_schema WHERE room = 'tea'"), Soon.Token) as long?);
    }

    [Fact]
    public async Task TablesOfARoomThatIsNotKnown_AreALaterVersions()
    {
        await PrepareAsync(First);
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => PrepareAsync(Coffee));
        Assert.Contains("later version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TablesOfAnotherProgram_AreRefused()
    {
        await using (var database = Database())
        {
            await using var session = await database.OpenWriterAsync(Soon.Token);
            await session.ExecuteAsync(new("CREATE TABLE recipes (name TEXT)"), Soon.Token);
        }
        var refusal = await Assert.ThrowsAsync<StoreRefusedException>(() => PrepareAsync(First));
        Assert.Contains("another program (recipes)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["recipes"], await ReadAsync(Tables));
    }

    [Fact]
    public async Task StepThatFails_LeavesWhatWas()
    {
        await PrepareAsync(First, "INSERT INTO tea (name) VALUES ('Assam')");
        var broken = new SchemaRoom("tea", First.Steps[0], "DROP TABLE tea; INSERT INTO nowhere VALUES (1)");
        await Assert.ThrowsAnyAsync<Exception>(() => PrepareAsync(broken));
        Assert.Equal(["Assam"], await ReadAsync("SELECT name FROM tea"));
        Assert.Equal(["1"], await ReadAsync("SELECT CAST(version AS TEXT) FROM samovar_schema"));
    }

    [Fact]
    public async Task Rooms_HaveVersionsOfTheirOwn()
    {
        await PrepareAsync(First);
        await PrepareAsync([Second, Coffee]);
        Assert.Equal(
            ["coffee 1", "tea 2"], await ReadAsync("SELECT room || ' ' || CAST(version AS TEXT) FROM samovar_schema ORDER BY room"));
    }

    private Task PrepareAsync(SchemaRoom room, string? then = null) => PrepareAsync([room], then);

    private async Task PrepareAsync(SchemaRoom[] rooms, string? then = null)
    {
        await using var database = Database();
        await using var session = await database.OpenWriterAsync(Soon.Token);
        await new SchemaVersions(database.Dialect, rooms).PrepareAsync(session, database.Name, () => { }, Soon.Token);
        if (then is not null) await session.ExecuteAsync(new(then), Soon.Token);
    }

    private async Task<List<string>> ReadAsync(string text)
    {
        await using var database = Database();
        await using var session = await database.OpenWriterAsync(Soon.Token);
        return await session.ReadAsync(new(text), row => row.GetString(0), Soon.Token);
    }
}

public sealed class SqliteSchemaVersionsTests : SchemaVersionsTests, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override ISqlDatabase Database() => new SqliteDatabase(_folder.File, new StoreOptions(), TimeProvider.System);
    private protected override string Tables => SqlDialect.Sqlite.Tables;
}

public sealed class PostgresSchemaVersionsTests(PostgresFixture postgres) : SchemaVersionsTests
{
    private readonly StoreOptions _options = new() { Kind = "postgres", ConnectionString = postgres.ConnectionString() };

    private protected override ISqlDatabase Database() => new PostgresDatabase(PostgresAddress.Of(_options), _options);
    private protected override string Tables => SqlDialect.Postgres.Tables;
}
