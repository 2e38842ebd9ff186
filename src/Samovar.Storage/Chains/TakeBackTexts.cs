namespace Samovar.Storage.Chains;

/// <summary>The statements that take a response back which was never to be seen.</summary>
/// <remarks>
/// They travel together: the conversation is held first, as an append does it, then the tree; each of the others applies only while the
/// tree is under the claim that the response was appended with. What another claim has found stays whole.
/// </remarks>
internal static class TakeBackTexts
{
    private const string IsOwn = "EXISTS (SELECT 1 FROM chain_tree t WHERE t.seq = @tree AND t.epoch = @epoch AND t.owner = @owner)";

    public const string HoldConversation = """
        UPDATE conversation SET version = version FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND conversation.head = r.seq
        """;

    /// <summary>Changes the tree's row where it is still under the claim.</summary>
    public const string Fence = "UPDATE chain_tree SET used_at = used_at WHERE seq = @tree AND epoch = @epoch AND owner = @owner";

    /// <summary>The row that the conversation had before: what it kept for this response, or else the response's parent.</summary>
    private const string Former = "SELECT b.seq FROM chain_row b WHERE b.seq = conversation.before AND b.tenant = conversation.tenant " +
        "AND b.tree = conversation.before_tree AND conversation.writer = r.id";

    /// <summary>The conversation goes back to the row before.</summary>
    public const string GoBack = $"""
        UPDATE conversation SET version = version + 1, head = coalesce(({Former}), r.parent),
          tree = (SELECT b.tree FROM chain_row b WHERE b.seq = coalesce(({Former}), r.parent)), before = NULL, before_tree = NULL
        FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND conversation.head = r.seq AND {IsOwn}
        """;

    /// <summary>Before <see cref="Hide"/>: what is hidden counts no more.</summary>
    public const string CountOff = """
        UPDATE chain_tree SET responses = CASE WHEN responses > 0 THEN responses - 1 ELSE 0 END
        WHERE seq = @tree AND epoch = @epoch AND owner = @owner
        AND EXISTS (SELECT 1 FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND r.deleted = 0)
        """;

    public const string Hide =
        $"UPDATE chain_row SET deleted = 1 WHERE tenant = @tenant AND id = @id AND deleted = 0 AND {IsOwn}";

    public const string RemoveLabels = $"""
        DELETE FROM completion_label
        WHERE row_seq IN (SELECT r.seq FROM chain_row r WHERE r.tenant = @tenant AND r.id = @id AND r.kind = 1) AND {IsOwn}
        """;
}
