using Samovar.Backends.Embedded.Rendering;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded;

/// <summary>Plans the prompts of turns, shortened and cleared as their requests want it.</summary>
internal sealed class TurnPrompts(ISequenceEngine engine, PromptPlanner planner, ContextEditor editor, string model)
{
    /// <exception cref="ApiException">The conversation cannot be read, or has no prompt.</exception>
    public PromptPlan Plan(BackendTurn turn, CancellationToken cancelled)
    {
        RequireOpen(turn);
        try
        {
            var edited = editor.Edited(turn, cancelled);
            return Fitting(edited.Turn, edited.Plan, cancelled) with { Edits = edited.Applied };
        }
        catch (TemplateException refusal) { throw ContextMessages.Refused(turn.Context, refusal); }
        catch (PromptTooLongException tooLong)
        {
            throw EngineRefusals.TooLong(tooLong.TokensAtLeast, engine.Model.ContextTokens);
        }
    }

    /// <exception cref="ApiException">The history is in a compaction that nobody here can open.</exception>
    public void RequireOpen(BackendTurn turn)
    {
        if (SealedHistory.Param(turn.Context, static node => node.State is EmbeddedState) is { } param)
            throw new ApiException(Errors.CannotOpen, model, param);
    }

    /// <param name="known">The turn's plan, where it was made before.</param>
    private PromptPlan Fitting(BackendTurn turn, PromptPlan? known, CancellationToken cancelled)
    {
        if (!turn.Request.TruncationAuto) return known ?? planner.Plan(turn, cancelled);
        try
        {
            var plan = known ?? planner.Plan(turn, cancelled);
            return plan.Path.Length < engine.Model.ContextTokens ? plan
                : planner.Shorten(turn, engine.Model.ContextTokens, cancelled) ?? plan;
        }
        catch (PromptTooLongException tooLong)
        {
            return planner.Shorten(turn, engine.Model.ContextTokens, cancelled)
                ?? throw EngineRefusals.TooLong(tooLong.TokensAtLeast, engine.Model.ContextTokens);
        }
    }
}
