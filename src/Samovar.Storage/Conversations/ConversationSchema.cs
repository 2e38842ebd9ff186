using Samovar.Storage.Sql;

namespace Samovar.Storage.Conversations;

/// <summary>The table of conversations.</summary>
/// <remarks>
/// <c>head</c> and <c>tree</c> are the chain's newest row and its tree: a tree that stands here has no age. <c>writer</c> is the row that
/// moved the head last, <c>locked_by</c> the process that works on it, until <c>locked_until</c> by the database's clock. <c>before</c> and
/// <c>before_tree</c> are the head before the writer's, and its tree, where the writer's parent is another row: they last until the head
/// moves again.
/// </remarks>
internal static class ConversationSchema
{
    public static readonly SchemaRoom Room = new("conversations", """
        CREATE TABLE conversation (
            seq {key}, tenant TEXT NOT NULL, id TEXT NOT NULL, created_at BIGINT NOT NULL, metadata {bytes} NOT NULL, head BIGINT,
            tree BIGINT, version BIGINT NOT NULL, writer TEXT NOT NULL, locked_by TEXT NOT NULL, locked_until BIGINT NOT NULL,
            UNIQUE (tenant, id));
        CREATE INDEX conversation_tree ON conversation (tree);
        CREATE INDEX conversation_head ON conversation (head)
        """, """
        ALTER TABLE conversation ADD COLUMN before BIGINT;
        ALTER TABLE conversation ADD COLUMN before_tree BIGINT;
        CREATE INDEX conversation_before ON conversation (before) WHERE before IS NOT NULL;
        CREATE INDEX conversation_before_tree ON conversation (before_tree) WHERE before_tree IS NOT NULL
        """);
}
