using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Context;

/// <summary>What an edit of a context clears, where it applies.</summary>
/// <remarks>
/// It follows from the conversation and the edit alone: the same request reads the same to its model warm, cold and after a restart. Calls
/// of excluded tools count for nothing, so that a client can hold what is cleared as it is while the conversation grows: by keeping as many
/// more as came.
/// </remarks>
/// <param name="Edit">The edit.</param>
/// <param name="Clearing">What it clears.</param>
/// <param name="Count">Turns whose thoughts go, or calls whose results do.</param>
internal sealed record ClearingChoice(ContextEdit Edit, Clearing Clearing, int Count)
{
    /// <summary>What each edit clears that would clear something, whatever it takes to apply.</summary>
    public static IReadOnlyList<ClearingChoice> Of(TurnContext context, IReadOnlyList<ContextEdit> edits)
    {
        if (!edits.Any(static edit => edit is ContextEdit.ClearToolUses or ContextEdit.ClearThinking { TurnsKept: not null })) return [];
        Item[] items = [.. context.AllItems()];
        var choices = edits.Select(edit => edit switch
        {
            ContextEdit.ClearThinking { TurnsKept: { } kept } => Thoughts(items, edit, kept),
            ContextEdit.ClearToolUses clear => ToolUses(items, clear),
            _ => new ClearingChoice(edit, Clearing.Nothing, 0),
        });
        return [.. choices.Where(static choice => choice.Count > 0)];
    }

    /// <summary>Thoughts of all turns but the newest in which the assistant thought. A turn begins with what its user says.</summary>
    private static ClearingChoice Thoughts(Item[] items, ContextEdit edit, int turnsKept)
    {
        var turns = new List<List<int>>();
        var isNew = true;
        for (var at = 0; at < items.Length; at++)
        {
            if (items[at] is MessageItem { Role: Role.User }) isNew = true;
            if (items[at] is not ReasoningItem) continue;
            if (isNew) turns.Add([]);
            isNew = false;
            turns[^1].Add(at);
        }
        var cleared = turns.Take(Math.Max(0, turns.Count - turnsKept)).ToList();
        return new ClearingChoice(
            edit, Clearing.Nothing with { Thoughts = [.. cleared.SelectMany(static turn => turn)] }, cleared.Count);
    }

    /// <summary>The results of all calls but the newest.</summary>
    private static ClearingChoice ToolUses(Item[] items, ContextEdit.ClearToolUses edit)
    {
        var uses = ToolUse.Of(items).Where(use => !edit.Excluded.Contains(use.Name)).ToList();
        var isLong = edit.UsesTrigger is not { } most || uses.Count > most;
        var cleared = uses.Take(isLong ? Math.Max(0, uses.Count - edit.UsesKept) : 0).Where(static use => use.OutputAt >= 0).ToList();
        var inputs = cleared.Where(use => edit.ClearsInputs || edit.InputsOf.Contains(use.Name)).Select(static use => use.CallAt);
        var clearing = Clearing.Nothing with { Outputs = [.. cleared.Select(static use => use.OutputAt)], Inputs = [.. inputs] };
        return new ClearingChoice(edit, clearing, cleared.Count);
    }
}
