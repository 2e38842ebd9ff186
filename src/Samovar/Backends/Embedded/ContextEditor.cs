using Samovar.Backends.Embedded.Rendering;
using Samovar.Context;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Leaves out of a turn's context what its client wants cleared (<c>context_management</c> of the Messages API).</summary>
/// <remarks>
/// (1) What would be cleared is chosen from the conversation alone. (2) Where that is what the parent's prompt has left out, what it comes
/// to is known, and the turn is a continuation like any other. (3) Else the prompt is counted before and behind each edit: so counts are
/// exact, and what is too short for an edit stays. The prompt is equal to the parent's up to the first item that is cleared anew.
/// </remarks>
internal sealed class ContextEditor(PromptPlanner planner)
{
    /// <summary>The turn with what is cleared, what that came to, and its plan where it was made on the way.</summary>
    public EditedTurn Edited(BackendTurn turn, CancellationToken cancelled)
    {
        var chosen = ClearingChoice.Of(turn.Context, turn.Request.Edits); // :: 1
        if (chosen.Count == 0) return new EditedTurn(turn, [], null);
        return Known(turn, chosen, cancelled) ?? Counted(turn, chosen, cancelled);
    }

    /// <summary>The turn that goes on behind what was cleared before; null where something else is to be cleared. :: 2</summary>
    private EditedTurn? Known(BackendTurn turn, IReadOnlyList<ClearingChoice> chosen, CancellationToken cancelled)
    {
        if (turn.ParentState is not EmbeddedState { Edits: { Count: > 0 } before } state) return null;
        var isSame = before.Select(static one => (one.Edit.Kind, one.Cleared))
            .SequenceEqual(chosen.Select(static one => (one.Edit.Kind, one.Count)));
        if (!isSame) return null;
        var cleared = chosen.Aggregate(Clearing.Nothing, static (all, one) => all.With(one.Clearing));
        if (cleared != state.Settings.Cleared) return null;
        var edited = Without(turn, cleared);
        var plan = planner.Plan(edited, cancelled);
        if (!plan.IsIncremental) return null;
        var length = plan.Path.Length;
        for (var i = chosen.Count - 1; i >= 0; i--)
        {
            length += before[i].Tokens;
            if (!chosen[i].Edit.IsDue(length) || !chosen[i].Edit.IsWorth(before[i].Tokens)) return null;
        }
        return new EditedTurn(edited, [.. chosen.Zip(before, static (one, was) => was with { Edit = one.Edit })], plan);
    }

    /// <summary>The turn with each edit that applies. :: 3</summary>
    private EditedTurn Counted(BackendTurn turn, IReadOnlyList<ClearingChoice> chosen, CancellationToken cancelled)
    {
        var applied = new List<AppliedEdit>();
        var (tokens, plan) = Count(turn, cancelled);
        foreach (var (edit, clearing, count) in chosen)
        {
            if (!edit.IsDue(tokens)) continue;
            var edited = Without(turn, turn.Context.Cleared.With(clearing));
            var (left, leftPlan) = Count(edited, cancelled);
            if (!edit.IsWorth(tokens - left)) continue;
            applied.Add(new AppliedEdit(edit, count, tokens - left));
            (turn, tokens, plan) = (edited, left, leftPlan);
        }
        return new EditedTurn(turn, applied, plan);
    }

    /// <summary>A conversation that is far too long is at least so long: what is cleared may make it fit.</summary>
    private (int Tokens, PromptPlan? Plan) Count(BackendTurn turn, CancellationToken cancelled)
    {
        try
        {
            var plan = planner.Plan(turn, cancelled);
            return (plan.Path.Length, plan);
        }
        catch (PromptTooLongException tooLong)
        {
            return (tooLong.TokensAtLeast, null);
        }
    }

    private static BackendTurn Without(BackendTurn turn, Clearing cleared) =>
        turn with { Context = turn.Context with { Cleared = cleared } };
}

/// <summary>A turn as its model sees it.</summary>
/// <param name="Turn">With what is cleared.</param>
/// <param name="Applied">What that came to.</param>
/// <param name="Plan">Its plan, where it was made on the way.</param>
internal sealed record EditedTurn(BackendTurn Turn, IReadOnlyList<AppliedEdit> Applied, PromptPlan? Plan);
