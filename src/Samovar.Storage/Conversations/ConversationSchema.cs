using Samovar.Storage.Sql;

namespace Samovar.Storage.Conversations;

/// <summary>The table of conversations.</summary>
/// <remarks>
/// <c>head</c> and <c>tree</c> are the chain's newest row and its tree: a tree that stands here has no age. <c>writer</c> is the row that
/// moved the head last, <c>locked_by</c> the process that works on it, until <c>locked_until</c> by the database's clock.
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
        """);
}
