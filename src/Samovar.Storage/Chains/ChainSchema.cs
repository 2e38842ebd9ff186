using Samovar.Storage.Sql;

namespace Samovar.Storage.Chains;

/// <summary>The tables of stored responses.</summary>
/// <remarks>
/// <c>chain_tree</c> is what is owned, counted and aged as a whole; whoever changes anything of a tree changes its row first, and so waits
/// for whoever does the same elsewhere. A row's <c>pieces</c> are the names of its pieces, 32 bytes each, in its order; <c>chain_use</c>
/// says it once more for the search of pieces that nobody uses. <c>chain_item</c> finds a response by an item of its own.
/// A row's <c>kind</c> is a <see cref="Stores.RowKind"/>; <c>model</c> and <c>metadata</c> are those of chat completions, and
/// <c>completion_label</c> finds them by these. <c>jump</c> is a row far before, see <see cref="SpanTexts"/>; of rows that were there
/// before it was, each 64th of a chain has one, so that bringing them up to date writes few of them. <c>chain_items</c> and
/// <c>chain_bytes</c> are those of the chain up to the row; 0 in rows that were there before they were.
/// </remarks>
internal static class ChainSchema
{
    public static readonly SchemaRoom Room = new("chains", """
        CREATE TABLE chain_tree (
            seq {key}, tenant TEXT NOT NULL, root TEXT NOT NULL, epoch BIGINT NOT NULL, owner TEXT NOT NULL, expired INTEGER NOT NULL,
            used_at BIGINT NOT NULL, responses BIGINT NOT NULL, bytes BIGINT NOT NULL, UNIQUE (tenant, root));
        CREATE TABLE chain_row (
            seq {key}, tree BIGINT NOT NULL, parent BIGINT, depth INTEGER NOT NULL, deleted INTEGER NOT NULL, created_at BIGINT NOT NULL,
            size BIGINT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL, pieces {bytes} NOT NULL, body {bytes} NOT NULL,
            UNIQUE (tenant, id));
        CREATE INDEX chain_row_tree ON chain_row (tree, parent);
        CREATE TABLE chain_piece (
            seq {key}, tenant TEXT NOT NULL, name {bytes} NOT NULL, size BIGINT NOT NULL, bytes {bytes} NOT NULL, UNIQUE (tenant, name));
        CREATE TABLE chain_use (
            row_seq BIGINT NOT NULL REFERENCES chain_row (seq) ON DELETE CASCADE, piece BIGINT NOT NULL REFERENCES chain_piece (seq),
            PRIMARY KEY (row_seq, piece)) {clustered};
        CREATE INDEX chain_use_piece ON chain_use (piece);
        CREATE TABLE chain_item (
            item {bytes} NOT NULL, row_seq BIGINT NOT NULL REFERENCES chain_row (seq) ON DELETE CASCADE,
            PRIMARY KEY (item, row_seq)) {clustered};
        CREATE INDEX chain_item_row ON chain_item (row_seq);
        """, """
        ALTER TABLE chain_row ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE chain_row ADD COLUMN model TEXT NOT NULL DEFAULT '';
        ALTER TABLE chain_row ADD COLUMN metadata {bytes};
        CREATE INDEX chain_row_completion ON chain_row (tenant, seq) WHERE kind = 1
        """, """
        ALTER TABLE chain_row ADD COLUMN jump BIGINT;
        WITH RECURSIVE walk (seq, tree, depth, mark, jump) AS (
          SELECT r.seq, r.tree, 1, r.seq, CAST(NULL AS BIGINT) FROM chain_row r WHERE r.parent IS NULL
          UNION ALL
          SELECT c.seq, c.tree, w.depth + 1, CASE WHEN w.depth % 64 = 0 THEN c.seq ELSE w.mark END,
            CASE WHEN w.depth % 64 = 0 THEN w.mark ELSE NULL END
          FROM walk w JOIN chain_row c ON c.tree = w.tree AND c.parent = w.seq)
        UPDATE chain_row SET jump = walk.jump FROM walk WHERE walk.jump IS NOT NULL AND chain_row.seq = walk.seq;
        CREATE TABLE completion_label (
            label {bytes} NOT NULL, row_seq BIGINT NOT NULL REFERENCES chain_row (seq) ON DELETE CASCADE,
            PRIMARY KEY (label, row_seq)) {clustered};
        CREATE INDEX completion_label_row ON completion_label (row_seq)
        """, """
        ALTER TABLE chain_row ADD COLUMN chain_items BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE chain_row ADD COLUMN chain_bytes BIGINT NOT NULL DEFAULT 0
        """)
    {
        Fills = new Dictionary<int, Func<SqlSession, CancellationToken, Task>> { [3] = LabelFill.RunAsync },
    };
}
