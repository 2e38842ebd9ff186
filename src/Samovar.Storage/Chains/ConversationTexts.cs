namespace Samovar.Storage.Chains;

/// <summary>The statements that move a conversation's head together with an append.</summary>
/// <remarks>
/// First <see cref="Move"/> changes the version by compare and set and notes who did; the append's own statements apply only where that is
/// their row; then <see cref="Settle"/> points the head at it, and notes the one before where that is kept, or
/// <see cref="TakeBack"/> undoes it where the row could not be added.
/// </remarks>
internal static class ConversationTexts
{
    private const string Own = "conversation.tenant = @tenant AND conversation.id = @conversation AND conversation.writer = @id";

    public const string Move = """
        UPDATE conversation SET version = version + 1, writer = @id, locked_by = '', locked_until = 0
        WHERE tenant = @tenant AND id = @conversation AND version = @version
        """;

    public const string Settle = $"""
        UPDATE conversation SET head = r.seq, tree = r.tree, before = CASE WHEN @keeps = 1 THEN conversation.head ELSE NULL END,
          before_tree = CASE WHEN @keeps = 1 THEN conversation.tree ELSE NULL END
        FROM chain_row r WHERE {Own} AND r.tenant = @tenant AND r.id = @id
        """;

    public const string TakeBack = $"""
        UPDATE conversation SET version = version - 1, writer = ''
        WHERE {Own} AND NOT EXISTS (SELECT 1 FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id)
        """;
}
