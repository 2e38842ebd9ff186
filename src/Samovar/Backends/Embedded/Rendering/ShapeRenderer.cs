using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Renders conversations as the turns of one shape would be, with whatever head.</summary>
internal sealed class ShapeRenderer(ChatRenderer renderer, MessageFit fit)
{
    /// <param name="shape">The turn's shape.</param>
    /// <param name="head">How the conversation begins.</param>
    /// <param name="before">Its messages, as they were said.</param>
    /// <param name="added">New messages, bent to the template already.</param>
    /// <param name="generate">Whether the assistant's turn is opened behind them.</param>
    /// <param name="cancelled">Ends the render early.</param>
    /// <param name="trace">Notes which way the template goes.</param>
    /// <exception cref="TemplateException">The template refuses it.</exception>
    public string Render(
        TurnShape shape, PromptHead head, IReadOnlyList<PromptMessage> before, IReadOnlyList<PromptMessage> added, bool generate,
        CancellationToken cancelled, RenderTrace? trace = null)
    {
        var (hasSystem, hasTools) = (shape.Tail.HasSystem, shape.Tail.HasTools);
        var fitted = fit.Whole(hasSystem ? head.Lead : "", hasTools ? head.Tools : [], before);
        var frame = new RenderFrame(
            hasTools ? head.Values : TemplateValue.None.Value, shape.ThinkingOff, shape.Effort, generate)
        {
            Variables = shape.Variables, Trace = trace,
        };
        return renderer.Render([.. fitted, .. added], frame, cancelled);
    }

    /// <summary>Bends messages that stand behind others.</summary>
    public List<PromptMessage> Later(IReadOnlyList<PromptMessage> messages) => fit.Later(messages);
}
