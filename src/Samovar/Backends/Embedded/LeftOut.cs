using Samovar.Backends.Embedded.Rendering;
using Samovar.Backends.Embedded.Sampling;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Embedded;

/// <summary>Names what of a request a model in the box does nothing with.</summary>
internal static class LeftOut
{
    public static string[] Of(BackendTurn turn, PromptPlan plan, BindingGrammar? grammar)
    {
        var fields = FieldReport.LeftOut(turn.Request, FieldUse.Named, static (uses, named) => uses.Embedded == named);
        var tools = turn.Tools.Tools.OfType<Tool.Other>().Select(tool => "tools." + tool.Kind);
        var edits = turn.Request.Edits.OfType<ContextEdit.Other>().Select(edit => "context_edits." + edit.Kind);
        if (grammar is { IsLoose: true }) fields = [.. fields, "text.format.schema"]; // of which a part is
        string[] dropped = [.. fields, .. tools, .. edits, .. ToolHandlingReport.NamesIn(turn.Request, turn.Tools)];
        return plan.ItemsDropped == 0 ? dropped : [.. dropped, $"input.oldest_{plan.ItemsDropped}"];
    }
}
