using System.Globalization;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>Where and why a turn's context leaves an earlier one.</summary>
/// <param name="Reason">A word of <see cref="MissReasons"/>.</param>
/// <param name="At">The place; null where it has none.</param>
/// <param name="IsOfSystem">Whether that is a system prompt.</param>
internal sealed record ContextDeparture(string Reason, CacheDeparture? At, bool IsOfSystem = false)
{
    /// <summary>From a response of the turn's own chain: the items are the same.</summary>
    public static ContextDeparture InChain(
        ChainNode node, EmbeddedState state, BackendTurn turn, PromptPlan plan, int common, ITokenizer tokenizer)
    {
        if (plan.MissReason == MissReasons.Truncated) return new ContextDeparture(MissReasons.Truncated, null);
        if (plan.Settings.ChangeFrom(state.Settings) is { } change) return new ContextDeparture(change, OfSettings(change, node, turn));
        if (turn.Context.IsFirstBehindCompaction) return new ContextDeparture(MissReasons.Compacted, null);
        return new ContextDeparture(MissReasons.Rewritten, RewrittenPlace.Find(node, state, plan, common, tokenizer));
    }

    /// <summary>From a response of another chain.</summary>
    /// <param name="compared">That response.</param>
    /// <param name="settings">What its prompt contained; null where that is not known.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="plan">Its prompt.</param>
    /// <param name="isKnownToDiffer">Whether the tokens differ: then something is always found.</param>
    public static ContextDeparture? Between(
        ChainNode compared, PromptSettings? settings, BackendTurn turn, PromptPlan plan, bool isKnownToDiffer = true)
    {
        if (plan.MissReason == MissReasons.Truncated) return new ContextDeparture(MissReasons.Truncated, null);
        if ((settings is null ? ChangeFrom(compared, plan) : plan.Settings.ChangeFrom(settings)) is { } change)
            return new ContextDeparture(change, OfSettings(change, compared, turn));
        if (turn.Context.IsBehindCompaction) return new ContextDeparture(MissReasons.Compacted, null);
        var at = -1;
        foreach (var (before, now) in new TurnContext(compared.Parent, compared.Input).AllItems().Zip(turn.Context.AllItems()))
        {
            at++;
            if (ItemContent.AreEqual(before, now)) continue;
            var path = string.Create(CultureInfo.InvariantCulture, $"input[{at}]");
            var isOfSystem = now is MessageItem { Role: Role.System or Role.Developer };
            return new ContextDeparture(MissReasons.Input, JsonDeparture.Of(path, before.Json, now.Json), isOfSystem);
        }
        return isKnownToDiffer ? new ContextDeparture(MissReasons.Input, null) : null;
    }

    private static string? ChangeFrom(ChainNode compared, PromptPlan plan) => plan.Settings.ChangeFrom(
        new PromptSettings(plan.Settings.Model, compared.Response.Instructions, (compared.Response.Tools ?? ToolList.Empty).Json,
            compared.Response.Request.ReasoningEffort) 
        { Variables = compared.Response.Request.TemplateVariables, Cleared = plan.Settings.Cleared }); // the one compared does not say

    private static CacheDeparture? OfSettings(string change, ChainNode before, BackendTurn now) => change switch
    {
        MissReasons.Model => new CacheDeparture("model", 0) { Before = before.Response.Model, Now = now.Model },
        MissReasons.Tools => JsonDeparture.Of("tools", (before.Response.Tools ?? ToolList.Empty).Json, now.Tools.Json),
        MissReasons.Variables => JsonDeparture.Of(
            "chat_template_kwargs", before.Response.Request.TemplateVariables, now.Request.TemplateVariables),
        MissReasons.Effort => JsonDeparture.OfTexts(
            "reasoning.effort", before.Response.Request.ReasoningEffort ?? "", now.Request.ReasoningEffort ?? ""),
        MissReasons.Instructions => JsonDeparture.OfTexts("instructions", before.Response.Instructions ?? "", now.Instructions ?? ""),
        _ => null,
    };
}
