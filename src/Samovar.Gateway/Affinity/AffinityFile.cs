using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Samovar.Gateway.Affinity;

/// <summary>
/// The SQLite file of affinity rows: digests of names, names of destinations and times, bounded in number and age. Not for two threads at
/// once.
/// </summary>
internal sealed class AffinityFile : IAffinityFile
{
    private const int Version = 1;
    private const int KeyBytes = 16;
    private const int BusySecondsMax = 2;
    private readonly SqliteConnection _connection;
    private long _rows;

    private AffinityFile(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the file, and creates it if missing.</summary>
    /// <exception cref="SqliteException">It cannot be opened, is locked or is broken.</exception>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    /// <exception cref="NotSupportedException">It is another program's, or a later version's.</exception>
    public static AffinityFile Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, DefaultTimeout = BusySecondsMax,
        }.ToString());
        var file = new AffinityFile(connection);
        try
        {
            connection.Open();
            file.Prepare();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Rows that are young enough, the oldest first; at most that many, the youngest.</summary>
    public IReadOnlyList<AffinityRow> Read(DateTimeOffset notBefore, int rowsMax)
    {
        using var command = Command(
            "SELECT key, destination, used_at FROM affinity WHERE used_at > $since AND used_at <= $latest ORDER BY used_at DESC LIMIT $max",
            ("$since", notBefore.ToUnixTimeMilliseconds()), ("$latest", DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()),
            ("$max", rowsMax));
        using var reader = command.ExecuteReader();
        var rows = new List<AffinityRow>();
        while (reader.Read())
        {
            if (reader.GetValue(0) is not byte[] { Length: KeyBytes } key) continue;
            rows.Add(new AffinityRow(
                new AffinityKey(BinaryPrimitives.ReadUInt128BigEndian(key)), reader.GetString(1),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
        }
        rows.Reverse();
        return rows;
    }

    /// <summary>Writes the rows and forgets what is too old or too much, all at once.</summary>
    public void Write(IEnumerable<AffinityRow> rows, DateTimeOffset notBefore, int rowsMax)
    {
        using var transaction = _connection.BeginTransaction();
        using var insert = Command("INSERT INTO affinity VALUES ($key, $destination, $at) ON CONFLICT DO NOTHING",
            ("$key", Array.Empty<byte>()), ("$destination", ""), ("$at", 0L));
        using var update = Command("UPDATE affinity SET destination = $destination, used_at = $at WHERE key = $key",
            ("$key", Array.Empty<byte>()), ("$destination", ""), ("$at", 0L));
        var added = 0L;
        foreach (var row in rows)
        {
            if (Execute(insert, row) > 0) added++;
            else Execute(update, row);
        }
        var count = _rows + added - Execute("DELETE FROM affinity WHERE used_at <= $since",
            ("$since", notBefore.ToUnixTimeMilliseconds()));
        if (count > rowsMax)
            count -= Execute("DELETE FROM affinity WHERE key IN (SELECT key FROM affinity ORDER BY used_at LIMIT $surplus)",
                ("$surplus", count - rowsMax));
        transaction.Commit();
        _rows = count;
    }

    public void Dispose()
    {
        try { _connection.Dispose(); }
        catch (SqliteException) { /* a full disk refuses the last checkpoint, too; the rows are in the journal beside the file */ }
    }

    private void Prepare()
    {
        if (Scalar("PRAGMA quick_check(1)") as string != "ok") throw new InvalidDataException("it is damaged");
        var version = (long)Scalar("PRAGMA user_version")!;
        var tables = (long)Scalar("SELECT count(*) FROM sqlite_master")!;
        if (version != Version && tables > 0)
            throw new NotSupportedException(version > Version
                ? $"it is of version {version}, this server knows {Version}" : "it is another program's");
        Execute("PRAGMA journal_mode = WAL"); // a commit then waits for no disk
        Execute("PRAGMA synchronous = NORMAL");
        Execute("CREATE TABLE IF NOT EXISTS affinity " +
            "(key BLOB PRIMARY KEY, destination TEXT NOT NULL, used_at INTEGER NOT NULL) WITHOUT ROWID");
        Execute("CREATE INDEX IF NOT EXISTS affinity_by_use ON affinity (used_at)");
        Execute("PRAGMA user_version = 1");
        _rows = (long)Scalar("SELECT count(*) FROM affinity")!;
    }

    private static int Execute(SqliteCommand command, AffinityRow row)
    {
        var key = new byte[KeyBytes];
        BinaryPrimitives.WriteUInt128BigEndian(key, row.Key.Digest);
        command.Parameters["$key"].Value = key;
        command.Parameters["$destination"].Value = row.Destination;
        command.Parameters["$at"].Value = row.UsedAt.ToUnixTimeMilliseconds();
        return command.ExecuteNonQuery();
    }

    private int Execute(string text, params (string Name, object Value)[] parameters)
    {
        using var command = Command(text, parameters);
        return command.ExecuteNonQuery();
    }

    private object? Scalar(string text)
    {
        using var command = Command(text);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string text, params (string Name, object Value)[] parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the texts are constants of this class
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
