using Samovar.Storage.Sql;

namespace Samovar.Storage.Nodes;

/// <summary>The statements about nodes and their trees; they are PostgreSQL's alone.</summary>
internal static class NodeTexts
{
    /// <summary>Advisory locks are the database's: those of one schema have a class of their own.</summary>
    private const string LockClass = "hashtext('samovar_node ' || current_schema())";

    private const string NodeLocks = $"""
        FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
          AND l.classid = CAST({LockClass} AS oid)
        """;

    private const string IsLocked = $"EXISTS (SELECT 1 {NodeLocks} AND l.objid = CAST(CAST(n.seq AS INTEGER) AS oid))";

    public const string Add = """
        INSERT INTO node (incarnation, name, address, version, process, state, reason, begun_at, seen_at, beats)
        SELECT @incarnation, @name, @address, @version, @process, 0, '', {now}, {now}, 0 ON CONFLICT (incarnation) DO NOTHING
        """;

    public const string TakeLock =
        $"SELECT pg_try_advisory_lock({LockClass}, CAST(n.seq AS INTEGER)) FROM node n WHERE n.incarnation = @incarnation";

    /// <summary>Former lives of the name, and whether their processes are there.</summary>
    public const string Namesakes =
        $"SELECT n.incarnation, {IsLocked} FROM node n WHERE n.name = @name AND n.incarnation <> @incarnation AND n.state < 2";

    public const string Forget = "DELETE FROM node WHERE state = 2 AND seen_at < {now} - @age";

    /// <summary>Says that the life goes on, and reads all rows as they were before that. The list of locks, which the database puts
    /// together for whoever reads it, is read once. How long the database has run, in milliseconds, stands there without any row, too.
    /// </summary>
    public const string Beat = $$"""
        WITH beat AS (
          UPDATE node SET seen_at = {now}, beats = beats + 1, turns_running = @running, turns_waiting = @waiting, places = @places,
            parked_bytes = @parked, connections = @connections, turns_relayed = @relayed,
            streams = @streams, streams_busy = @busy
          WHERE incarnation = @incarnation AND state < 2),
        held AS MATERIALIZED (SELECT DISTINCT CAST(CAST(l.objid AS BIGINT) AS INTEGER) AS seq {{NodeLocks}})
        SELECT u.up, n.incarnation, n.name, n.address, n.state, n.reason, n.beats, h.seq IS NOT NULL, n.version, n.turns_running,
          n.turns_waiting, n.places, n.parked_bytes, n.connections, n.turns_relayed, n.streams, n.streams_busy,
          {now} - CASE WHEN n.moved_at > 0 THEN n.moved_at WHEN n.state = 0 THEN n.begun_at WHEN n.state = 2 THEN n.seen_at END
        FROM (SELECT CAST(extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) * 1000 AS BIGINT) AS up) u
          LEFT JOIN node n ON TRUE LEFT JOIN held h ON h.seq = n.seq
        ORDER BY n.seq
        """;

    /// <summary>Waits for claims of that node which are under way, and they for it.</summary>
    public const string Move = """
        WITH held AS (SELECT n.seq FROM node n WHERE n.incarnation = @incarnation FOR UPDATE)
        UPDATE node AS n SET state = @state, reason = @reason, seen_at = {now}, moved_at = {now}
        FROM held WHERE n.seq = held.seq AND n.state < @state
        """;

    public const string FindTree = """
        SELECT t.root, t.epoch, t.owner, n.name, n.address, n.state
        FROM chain_row r JOIN chain_tree t ON t.seq = r.tree LEFT JOIN node n ON n.incarnation = t.owner
        WHERE r.tenant = @tenant AND r.id = @id AND t.expired = 0
        """;

    /// <summary>The claimer's own row is held until the claim is made: whoever declares it dead comes before or after.</summary>
    public const string Claim = """
        WITH own AS (SELECT n.incarnation FROM node n WHERE n.incarnation = @incarnation AND n.state = 0 FOR KEY SHARE)
        UPDATE chain_tree AS t SET epoch = t.epoch + 1, owner = own.incarnation FROM own
        WHERE t.tenant = @tenant AND t.root = @root AND t.epoch = @epoch AND t.expired = 0
        AND (@forced = 1 OR NOT EXISTS (SELECT 1 FROM node n WHERE n.incarnation = t.owner AND n.state < 2))
        """;

    public const string Release = """
        UPDATE chain_tree SET owner = '' WHERE tenant = @tenant AND root = @root AND epoch = @epoch AND owner = @incarnation
        """;

    public const string CountTrees = "SELECT t.owner, count(*) FROM chain_tree t WHERE t.owner <> '' AND t.expired = 0 GROUP BY t.owner";

    /// <summary>The statement in PostgreSQL's words.</summary>
    public static SqlStatement Of(string text, params (string Name, object Value)[] values) =>
        new(SqlDialect.Postgres.Text(text), values);
}
