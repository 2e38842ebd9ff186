using Samovar.Storage.Sql;

namespace Samovar.Storage.Nodes;

/// <summary>The table of nodes that share a database: one row for each life of one.</summary>
/// <remarks>
/// <c>seq</c> names the life's advisory lock. <c>state</c> is a <see cref="Stores.NodeState"/> and only rises. A tree's <c>owner</c> is an
/// <c>incarnation</c>; of one that has no row any more it is as if it were dead. What a node says of its load has defaults: an older
/// version's beats leave it as it is. <c>moved_at</c> is when the state was changed, 0 where it was not, or by an older version. The index
/// on trees is for what is counted by owner; no append changes what it holds. <c>process</c> names the process that lives the life, as it
/// does where that locks and runs something; it is empty where an older version wrote the row, and says nothing then.
/// </remarks>
internal static class NodeSchema
{
    public static readonly SchemaRoom Room = new("nodes", """
        CREATE TABLE node (
            seq {key}, incarnation TEXT NOT NULL UNIQUE, name TEXT NOT NULL, address TEXT NOT NULL, state INTEGER NOT NULL,
            reason TEXT NOT NULL, begun_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, beats BIGINT NOT NULL)
        """, """
        ALTER TABLE node ADD COLUMN version TEXT NOT NULL DEFAULT '';
        ALTER TABLE node ADD COLUMN turns_running INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN turns_waiting INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN places INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN parked_bytes BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN connections INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN turns_relayed INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX chain_tree_owner ON chain_tree (owner) WHERE expired = 0
        """, """
        ALTER TABLE node ADD COLUMN streams INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE node ADD COLUMN streams_busy INTEGER NOT NULL DEFAULT 0
        """, """
        ALTER TABLE node ADD COLUMN moved_at BIGINT NOT NULL DEFAULT 0
        """, """
        ALTER TABLE node ADD COLUMN process TEXT NOT NULL DEFAULT '';
        CREATE INDEX node_process ON node (process)
        """);
}
