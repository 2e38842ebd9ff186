using Samovar.Context;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>The head of the conversation that a turn continues; read from the chain only where it has to be.</summary>
internal sealed class HeadSource(BackendTurn turn, EmbeddedState state, PromptRoom room, ControlText control)
{
    private PromptHead? _head;

    /// <summary>Names it, at no cost where the response before knows.</summary>
    public string Name => state.HeadName ??= PromptHead.NameOf(Head().Lead, Head().Tools);

    /// <summary>Costs what it says.</summary>
    public PromptHead Head()
    {
        if (_head is not null) return _head;
        var builder = new MessageBuilder(room, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        foreach (var item in turn.Context.AllItems())
        {
            builder.Add(item, null);
            if (!builder.IsInStart) break;
        }
        return _head = PromptHead.Of(builder.Lead, builder.LeadTools.Tools, control);
    }
}
