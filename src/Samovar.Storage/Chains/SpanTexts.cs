using Samovar.Storage.Sql;

namespace Samovar.Storage.Chains;

/// <summary>The statements that read a part of a chain.</summary>
/// <remarks>
/// A row names its parent and, with <c>jump</c>, a row far before that, chosen so that any row before it is some steps away, about twice
/// the logarithm of the distance. A row that was stored before there were jumps has one each 64 rows only, or none.
/// </remarks>
internal sealed class SpanTexts(SqlDialect dialect)
{
    /// <summary>From the head to the row of the depth <c>@last</c>.</summary>
    private const string Seek = """
        WITH RECURSIVE seek (seq, depth) AS (
          SELECT r.seq, r.depth FROM chain_row r WHERE r.tenant = @tenant AND r.id = @head AND r.depth >= @last
          UNION ALL
          SELECT n.seq, n.depth FROM seek s JOIN chain_row r ON r.seq = s.seq LEFT JOIN chain_row j ON j.seq = r.jump
            JOIN chain_row n ON n.seq = CASE WHEN j.depth >= @last THEN j.seq ELSE r.parent END
          WHERE s.depth > @last)
        """;

    /// <summary>How many rows are looked at on the way.</summary>
    public const string Steps = $"{Seek} SELECT count(*) FROM seek";

    public string Head { get; } = dialect.Text($$"""
        SELECT r.depth FROM chain_row r JOIN chain_tree t ON t.seq = r.tree
        WHERE r.tenant = @tenant AND r.id = @id AND (r.deleted = 0 OR @head = 1) AND {{ChainTexts.Alive}}
        """);

    /// <summary>What the head says of its chain.</summary>
    public string End { get; } = dialect.Text($$"""
        SELECT t.root, r.depth, r.kind, r.chain_items, r.chain_bytes FROM chain_row r JOIN chain_tree t ON t.seq = r.tree
        WHERE r.tenant = @tenant AND r.id = @id AND r.chain_bytes > 0 AND {{ChainTexts.Alive}}
        """);

    /// <summary>In the columns of a chain's page.</summary>
    public string Span { get; } = $"""
        {Seek}, walk (seq, parent, depth) AS (
          SELECT r.seq, r.parent, r.depth FROM seek s JOIN chain_row r ON r.seq = s.seq WHERE s.depth = @last
          UNION ALL
          SELECT r.seq, r.parent, r.depth FROM walk w JOIN chain_row r ON r.seq = w.parent WHERE w.depth > @first)
        SELECT r.seq, r.parent, r.depth, r.created_at, r.id, p.id, t.root, t.epoch, r.pieces, r.body, r.kind
        FROM walk w JOIN chain_row r ON r.seq = w.seq JOIN chain_tree t ON t.seq = r.tree LEFT JOIN chain_row p ON p.seq = r.parent
        ORDER BY w.depth
        """;

    public const string Depth = "SELECT r.depth FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id";

    /// <summary>The row of the depth <c>@last</c>, where it is the one that is asked for.</summary>
    public string IsRow { get; } = $"""
        {Seek}
        SELECT s.depth FROM seek s JOIN chain_row r ON r.seq = s.seq WHERE s.depth = @last AND r.tenant = @tenant AND r.id = @id
        """;

    /// <summary>
    /// The first row of the head's chain that has an item, for each of the keys, which stand one behind the other. Any number of other
    /// chains of the tree may have it, too: each depth that one of them has it at is gone to once. The cross joins keep
    /// SQLite's order, the sum keeps PostgreSQL from beginning with all rows of the tree.
    /// </summary>
    public string Items { get; } = $"""
        WITH RECURSIVE asked (place, item) AS (
          SELECT 0, substr(@keys, 1, {ItemKey.Bytes})
          UNION ALL
          SELECT a.place + 1, substr(@keys, (a.place + 1) * {ItemKey.Bytes} + 1, {ItemKey.Bytes}) FROM asked a WHERE a.place + 1 < @count),
        found (place, seq, depth) AS (
          SELECT a.place, r.seq, r.depth FROM asked a CROSS JOIN chain_item i CROSS JOIN chain_row r
          WHERE i.item = a.item AND r.seq = i.row_seq AND r.depth < @before
            AND r.tree + 0 = (SELECT h.tree FROM chain_row h WHERE h.tenant = @tenant AND h.id = @head)),
        seek (goal, seq, depth) AS (
          SELECT g.depth, h.seq, h.depth FROM (SELECT DISTINCT f.depth FROM found f) g CROSS JOIN chain_row h
          WHERE h.tenant = @tenant AND h.id = @head AND h.depth >= g.depth
          UNION ALL
          SELECT s.goal, n.seq, n.depth FROM seek s JOIN chain_row r ON r.seq = s.seq LEFT JOIN chain_row j ON j.seq = r.jump
            JOIN chain_row n ON n.seq = CASE WHEN j.depth >= s.goal THEN j.seq ELSE r.parent END
          WHERE s.depth > s.goal)
        SELECT f.place, min(f.depth) FROM seek s JOIN found f ON f.seq = s.seq AND f.depth = s.depth WHERE s.depth = s.goal GROUP BY f.place
        """;
}
