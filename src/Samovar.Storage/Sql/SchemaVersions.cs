using System.Globalization;

namespace Samovar.Storage.Sql;

/// <summary>Brings the tables of all rooms to what this server knows, in one transaction, or refuses and changes nothing.</summary>
/// <remarks>
/// A server that starts refuses tables of a later version. One that has found or made its own goes on when a later one, which shares the
/// database, adds to them, and connects again as before: see <see cref="SchemaRoom"/> for what a step may change.
/// </remarks>
internal sealed class SchemaVersions(SqlDialect dialect, IReadOnlyList<SchemaRoom> rooms)
{
    private const string Table = "samovar_schema";
    private static readonly SqlStatement Create = new(
        $"CREATE TABLE IF NOT EXISTS {Table} (room TEXT PRIMARY KEY, version BIGINT NOT NULL)");
    private static readonly SqlStatement Read = new($"SELECT room, version FROM {Table}");

    private bool _isPrepared;

    /// <exception cref="StoreRefusedException">What is there is another program's, or a later version's.</exception>
    /// <param name="changing">Called where tables must be made or changed: with much in them that takes longer than a command may.</param>
    public async Task PrepareAsync(SqlSession session, string name, Action changing, CancellationToken deadline)
    {
        await BringUpAsync(session, name, changing, deadline);
        _isPrepared = true;
    }

    private async Task BringUpAsync(SqlSession session, string name, Action changing, CancellationToken deadline)
    {
        if (IsCurrent(await VersionsAsync(session, name, deadline))) return;
        changing();
        await session.BeginAsync(deadline);
        try
        {
            if (dialect.Lock is { } text) await session.ScalarAsync(new(text), deadline);
            var made = await VersionsAsync(session, name, deadline); // another server may have been quicker
            if (IsCurrent(made)) return;
            await session.ExecuteAsync(Create, deadline);
            foreach (var room in rooms) await BringUpAsync(session, room, (int)made.GetValueOrDefault(room.Name), deadline);
            await session.CommitAsync(deadline);
        }
        finally
        {
            await session.EndAsync();
        }
    }

    private async Task BringUpAsync(SqlSession session, SchemaRoom room, int made, CancellationToken deadline)
    {
        if (made >= room.Steps.Count) return; // a later version's is left as it is
        for (var version = made + 1; version <= room.Steps.Count; version++)
        {
            foreach (var text in room.Steps[version - 1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                await session.ExecuteAsync(new(dialect.Text(text)), deadline);
            if (room.Fills.TryGetValue(version, out var fill)) await fill(session, deadline);
        }
        await session.ExecuteAsync(
            new($"INSERT INTO {Table} (room, version) VALUES (@room, @version) ON CONFLICT (room) DO UPDATE SET version = excluded.version",
                ("@room", room.Name), ("@version", (long)room.Steps.Count)), deadline);
    }

    private bool IsCurrent(Dictionary<string, long> made) =>
        rooms.All(room => made.GetValueOrDefault(room.Name) >= room.Steps.Count);

    private async Task<Dictionary<string, long>> VersionsAsync(SqlSession session, string name, CancellationToken deadline)
    {
        var tables = await session.ReadAsync(new(dialect.Tables), row => row.GetString(0), deadline);
        if (tables.Count == 0) return [];
        if (!tables.Contains(Table, StringComparer.Ordinal))
            throw new StoreRefusedException($"{name} holds tables of another program ({tables[0]}); it is left as it is.");
        var made = (await session.ReadAsync(Read, row => (Room: row.GetString(0), Version: row.GetInt64(1)), deadline))
            .ToDictionary(row => row.Room, row => row.Version, StringComparer.Ordinal);
        foreach (var (room, version) in made)
        {
            var known = rooms.FirstOrDefault(known => known.Name == room)?.Steps.Count ?? 0;
            if (version > known && !_isPrepared)
                throw new StoreRefusedException(string.Create(CultureInfo.InvariantCulture,
                    $"{name} is of a later version of Samovar: its tables of '{room}' are of version {version}, ") +
                    $"this server knows {known}. It is left as it is; start a server of that version, or a later one.");
        }
        return made;
    }
}
