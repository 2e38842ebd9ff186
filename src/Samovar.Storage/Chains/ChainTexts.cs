using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>The statements of stored responses, in the words of one database.</summary>
/// <remarks>
/// A write is several statements that travel together: each says by itself when it applies, so that none of them has to wait for the
/// answer to another. The first changes the tree's row, and so holds it until the end; an owner who was overtaken changes nothing.
/// </remarks>
internal sealed class ChainTexts(SqlDialect dialect)
{
    private const string Kept = "(EXISTS (SELECT 1 FROM conversation k WHERE k.tree = t.seq) " + // such a chain has no age
        "OR EXISTS (SELECT 1 FROM conversation k WHERE k.before_tree = t.seq))";
    public const string Alive = $"t.expired = 0 AND (t.used_at >= {{now}} - @age OR {Kept})";
    private const string IsNoHead = "NOT EXISTS (SELECT 1 FROM conversation k WHERE k.head = r.seq) " +
        "AND NOT EXISTS (SELECT 1 FROM conversation k WHERE k.before = r.seq)";

    /// <summary>Whether a row of a conversation may be added: its head was moved to it in this transaction.</summary>
    private const string Moved =
        "(@conversation = '' OR EXISTS (" +
        "SELECT 1 FROM conversation k WHERE k.tenant = @tenant AND k.id = @conversation AND k.writer = @id))";
    private const string OwnTree = "t.tenant = @tenant AND t.root = @root AND t.epoch = @epoch AND t.owner = @owner AND t.expired = 0";
    private const string RowColumns =
        "(tree, parent, depth, deleted, created_at, size, tenant, id, pieces, body, kind, model, metadata, chain_items, chain_bytes, jump)";
    private const string RowValues =
        "@depth, @deleted, @created, @size, @tenant, @id, @pieces, @body, @kind, @model, @metadata, @items, @bytes";
    private const string Walked = """
        UNION ALL
          SELECT r.seq, r.parent, w.place + 1, w.total + r.size FROM walk w JOIN chain_row r ON r.seq = w.parent
          WHERE w.place + 1 < @rows AND w.total < @bytes)
        SELECT r.seq, r.parent, r.depth, r.created_at, r.id, p.id, t.root, t.epoch, r.pieces, r.body, r.kind
        FROM walk w JOIN chain_row r ON r.seq = w.seq JOIN chain_tree t ON t.seq = r.tree LEFT JOIN chain_row p ON p.seq = r.parent
        ORDER BY w.place
        """;

    private static string Gone(string first) => $"""
        gone (seq, parent, size, kind) AS (
          SELECT r.seq, r.parent, r.size, r.kind FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND {first} AND {IsNoHead}
            AND NOT EXISTS (SELECT 1 FROM chain_row c WHERE c.tree = r.tree AND c.parent = r.seq)
          UNION ALL
          SELECT r.seq, r.parent, r.size, r.kind FROM gone g JOIN chain_row r ON r.seq = g.parent WHERE r.deleted = 1 AND {IsNoHead}
            AND NOT EXISTS (SELECT 1 FROM chain_row c WHERE c.tree = r.tree AND c.parent = r.seq AND c.seq <> g.seq))
        """;

    /// <summary>
    /// A tree counts its responses that can be found, and items that were added without one until they go. An older version counted some
    /// of these no more when it removed others: never below none.
    /// </summary>
    private static string TakeOffOf(string tree) => $"""
        WITH RECURSIVE {Gone("r.deleted = 1")}
        UPDATE chain_tree AS t SET bytes = t.bytes - g.bytes,
          responses = CASE WHEN t.responses > g.items THEN t.responses - g.items ELSE 0 END
        FROM (SELECT count(*) AS gone_rows, CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes,
          CAST(coalesce(sum(CASE WHEN kind = {(int)RowKind.Items} THEN 1 ELSE 0 END), 0) AS BIGINT) AS items FROM gone) g
        WHERE {tree} AND g.gone_rows > 0
        """;

    private static string LastOf(string table) =>
        $"SELECT max(s.seq) FROM (SELECT e.seq FROM {table} e WHERE e.seq > @after ORDER BY e.seq LIMIT @max) s";

    /// <summary>A life that its row calls dead begins no tree: what it was sent may have been begun elsewhere since. Its row is held until
    /// the tree is there: whoever declares it dead comes before or after.</summary>
    public string BeginTree { get; } = dialect.Text($$"""
        {{(dialect.HasNodes ? "WITH own AS (SELECT n.state FROM node n WHERE n.incarnation = @owner FOR KEY SHARE)" : "")}}
        INSERT INTO chain_tree (tenant, root, epoch, owner, expired, used_at, responses, bytes)
        SELECT @tenant, @root, 1, @owner, 0, {now}, 1, @size WHERE {{Moved}}
          {{(dialect.HasNodes ? "AND NOT EXISTS (SELECT 1 FROM own WHERE own.state = 2)" : "")}}
        ON CONFLICT (tenant, root) DO NOTHING
        """);

    public string AddRoot { get; } = dialect.Text($"""
        INSERT INTO chain_row {RowColumns} SELECT t.seq, CAST(NULL AS BIGINT), {RowValues}, CAST(NULL AS BIGINT) FROM chain_tree t
        WHERE t.tenant = @tenant AND t.root = @id AND t.epoch = 1 AND t.owner = @owner AND t.responses = 1
        ON CONFLICT (tenant, id) DO NOTHING
        """);

    public string GrowTree { get; } = dialect.Text($$"""
        UPDATE chain_tree AS t SET used_at = {now}, responses = responses + 1, bytes = bytes + @size WHERE {{OwnTree}}
        AND EXISTS (SELECT 1 FROM chain_row p WHERE p.tenant = @tenant AND p.id = @parent AND p.tree = t.seq) AND {{Moved}}
        """);

    public string AddRow { get; } = dialect.Text($"""
        INSERT INTO chain_row {RowColumns} SELECT t.seq, p.seq, {RowValues},
          CASE WHEN b.seq IS NOT NULL AND p.depth - j.depth = j.depth - b.depth THEN b.seq ELSE p.seq END
        FROM chain_tree t JOIN chain_row p ON p.tree = t.seq
          LEFT JOIN chain_row j ON j.seq = p.jump LEFT JOIN chain_row b ON b.seq = j.jump
        WHERE {OwnTree} AND p.tenant = @tenant AND p.id = @parent AND {Moved}
        """);

    public string AddPiece { get; } = dialect.Text("""
        INSERT INTO chain_piece (tenant, name, size, bytes) SELECT @tenant, @name, @size, @bytes
        WHERE EXISTS (SELECT 1 FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id) ON CONFLICT (tenant, name) DO NOTHING
        """);

    /// <summary>Of a piece that is not there it finds NULL, which the table refuses, and so the whole write.</summary>
    public string UsePiece { get; } = dialect.Text("""
        INSERT INTO chain_use (row_seq, piece)
        SELECT r.seq, (SELECT p.seq FROM chain_piece p WHERE p.tenant = @tenant AND p.name = @name)
        FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id ON CONFLICT DO NOTHING
        """);

    /// <summary>All keys of a row, which stand one behind the other: a request may have tens of thousands.</summary>
    public string AddItems { get; } = dialect.Text($"""
        INSERT INTO chain_item (item, row_seq)
        WITH RECURSIVE own (place, item) AS (
          SELECT 0, substr(@keys, 1, {ItemKey.Bytes})
          UNION ALL
          SELECT o.place + 1, substr(@keys, (o.place + 1) * {ItemKey.Bytes} + 1, {ItemKey.Bytes}) FROM own o WHERE o.place + 1 < @count)
        SELECT o.item, r.seq FROM chain_row r CROSS JOIN own o WHERE r.tenant = @tenant AND r.id = @id
        ON CONFLICT DO NOTHING
        """);

    public string Owner { get; } = dialect.Text(
        "SELECT t.epoch, t.owner FROM chain_tree t WHERE t.tenant = @tenant AND t.root = @root AND t.expired = 0");

    public string Claim { get; } = dialect.Text("""
        UPDATE chain_tree SET epoch = epoch + 1, owner = @owner
        WHERE tenant = @tenant AND root = @root AND epoch = @epoch AND expired = 0
        """);

    public string FirstPage { get; } = dialect.Text($$"""
        WITH RECURSIVE walk (seq, parent, place, total) AS (
          SELECT r.seq, r.parent, 0, r.size FROM chain_row r JOIN chain_tree t ON t.seq = r.tree
          WHERE r.tenant = @tenant AND r.id = @id AND (r.deleted = 0 OR @head = 1) AND {{Alive}}
        {{Walked}}
        """);

    public string NextPage { get; } = dialect.Text($"""
        WITH RECURSIVE walk (seq, parent, place, total) AS (
          SELECT r.seq, r.parent, 0, r.size FROM chain_row r WHERE r.seq = @from AND r.tenant = @tenant
        {Walked}
        """);

    public string Piece { get; } = dialect.Text("SELECT bytes FROM chain_piece WHERE tenant = @tenant AND name = @name");

    public string FindItem { get; } = dialect.Text($"""
        SELECT r.id FROM chain_item i JOIN chain_row r ON r.seq = i.row_seq JOIN chain_tree t ON t.seq = r.tree
        WHERE i.item = @item AND r.tenant = @tenant AND r.deleted = 0 AND {Alive} ORDER BY r.seq DESC LIMIT 1
        """);

    public string TreeOf { get; } = dialect.Text($"""
        SELECT r.tree FROM chain_row r JOIN chain_tree t ON t.seq = r.tree
        WHERE r.tenant = @tenant AND r.id = @id AND (r.deleted = 0 OR @hidden = 1) AND {Alive}
        """);

    public string HoldTree { get; } = dialect.Text("UPDATE chain_tree SET used_at = used_at WHERE seq = @tree");

    public string HoldTreeOf { get; } = dialect.Text(
        "UPDATE chain_tree SET used_at = used_at WHERE tenant = @tenant AND root = @root");

    public string HideRow { get; } = dialect.Text("UPDATE chain_row SET deleted = 1 WHERE tenant = @tenant AND id = @id AND deleted = 0");

    /// <summary>The hidden row and those before it that are hidden, too, as far as nothing else continues them.</summary>
    public string RemoveHidden { get; } = dialect.Text($"""
        DELETE FROM chain_row WHERE seq IN (WITH RECURSIVE {Gone("r.deleted = 1")} SELECT seq FROM gone)
        """);

    /// <summary>What <see cref="RemoveHidden"/> would remove if the row were hidden, and its tree.</summary>
    public string Removable { get; } = dialect.Text($$"""
        WITH RECURSIVE {{Gone("r.deleted = 0")}}
        SELECT r.tree, (SELECT count(*) FROM gone), (SELECT CAST(coalesce(sum(g.size), 0) AS BIGINT) FROM gone g)
        FROM chain_row r JOIN chain_tree t ON t.seq = r.tree WHERE r.tenant = @tenant AND r.id = @id AND r.deleted = 0 AND {{Alive}}
        """);

    /// <summary>Before <see cref="HideRow"/>: what is hidden counts no more.</summary>
    public string CountOff { get; } = dialect.Text("""
        UPDATE chain_tree SET responses = CASE WHEN responses > 0 THEN responses - 1 ELSE 0 END
        WHERE seq = @tree AND EXISTS (SELECT 1 FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND r.deleted = 0)
        """);

    /// <summary>Before <see cref="RemoveHidden"/>, of a tree that is held: takes off what goes, however much else it has.</summary>
    public string TakeOff { get; } = dialect.Text(TakeOffOf("t.seq = @tree"));

    public string TakeOffOfRoot { get; } = dialect.Text(TakeOffOf("t.tenant = @tenant AND t.root = @root"));

    /// <summary>Takes off a row that was counted and not added.</summary>
    public string TakeOffRow { get; } = dialect.Text(
        """
        UPDATE chain_tree SET responses = CASE WHEN responses > 0 THEN responses - 1 ELSE 0 END,
            bytes = CASE WHEN bytes > @size THEN bytes - @size ELSE 0 END
        WHERE tenant = @tenant AND root = @root
        """);

    public string RemoveEmptyTree { get; } = dialect.Text(
        "DELETE FROM chain_tree WHERE seq = @tree AND NOT EXISTS (SELECT 1 FROM chain_row r WHERE r.tree = @tree)");

    public string RemoveEmptyTreeOf { get; } = dialect.Text("""
        DELETE FROM chain_tree WHERE tenant = @tenant AND root = @root
        AND NOT EXISTS (SELECT 1 FROM chain_row r WHERE r.tree = chain_tree.seq)
        """);

    public string LastTree { get; } = dialect.Text(LastOf("chain_tree"));

    /// <summary>Of a slice those that go: without <c>@aged</c> only those that nobody finds any more.</summary>
    public string OldTrees { get; } = dialect.Text($$"""
        SELECT t.seq FROM chain_tree t WHERE t.seq > @after AND t.seq <= @last
          AND (t.expired = 1 OR (@aged = 1 AND t.used_at < {now} - @age AND NOT {{Kept}})) ORDER BY t.seq
        """);

    /// <summary>From then on nobody finds it, claims it or adds to it.</summary>
    public string ExpireTree { get; } = dialect.Text($$"""
        UPDATE chain_tree AS t SET epoch = epoch + 1, owner = '', expired = 1
        WHERE t.seq = @tree AND (t.expired = 1 OR (t.used_at < {now} - @age AND NOT {{Kept}}))
        """);

    public string RemoveExpired { get; } = dialect.Text("""
        DELETE FROM chain_row WHERE seq IN (
          SELECT r.seq FROM chain_row r JOIN chain_tree t ON t.seq = r.tree
          WHERE r.tree = @tree AND t.expired = 1 ORDER BY r.seq DESC LIMIT @max)
        """);

    public string LastPiece { get; } = dialect.Text(LastOf("chain_piece"));

    public string UnusedPieces { get; } = dialect.Text("""
        SELECT p.seq FROM chain_piece p WHERE p.seq > @after AND p.seq <= @last
          AND NOT EXISTS (SELECT 1 FROM chain_use u WHERE u.piece = p.seq) ORDER BY p.seq
        """);

    public string RemovePiece { get; } = dialect.Text(
        "DELETE FROM chain_piece WHERE seq = @piece AND NOT EXISTS (SELECT 1 FROM chain_use u WHERE u.piece = @piece)");

    /// <summary>A tenant's trees behind one, so many of them: how many these were, what they hold, and the last of them.</summary>
    public string TreeTotals { get; } = dialect.Text("""
        WITH page AS (
          SELECT t.root, t.responses, t.bytes FROM chain_tree t WHERE t.tenant = @tenant AND t.root > @after ORDER BY t.root LIMIT @max)
        SELECT count(*), CAST(coalesce(sum(responses), 0) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT), max(root) FROM page
        """);

    /// <summary>The same of its pieces.</summary>
    public string PieceTotals { get; } = dialect.Text("""
        WITH page AS (
          SELECT p.name, p.size FROM chain_piece p WHERE p.tenant = @tenant AND p.name > @after ORDER BY p.name LIMIT @max)
        SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT), (SELECT l.name FROM page l ORDER BY l.name DESC LIMIT 1) FROM page
        """);
}
