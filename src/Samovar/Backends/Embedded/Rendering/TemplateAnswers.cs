using Samovar.Templates;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>All that is found out about a template by asking it.</summary>
/// <param name="Facts">What it can do.</param>
/// <param name="Switches">How its thinking is turned on and off.</param>
/// <param name="Control">Keeps texts from outside from being what it writes as structure.</param>
internal sealed record TemplateAnswers(TemplateFacts Facts, ThinkingSwitches Switches, ControlText Control)
{
    /// <exception cref="Templates.Values.TemplateException">The template cannot even render a question.</exception>
    public static TemplateAnswers Ask(ChatTemplate template, string source, ControlText control, TimeProvider time)
    {
        var facts = new TemplateProbe(template, control, time).Ask();
        facts = facts with { SchemaFields = new SchemaProbe(template, facts, control, time).Ask() };
        var plain = new ChatRenderer(template, facts, control, time);
        var switches = new ThinkingProbe(plain, source, ToolText.Values([TemplateProbe.StandIn("look")], control)).Ask();
        var renderer = new ChatRenderer(template, facts, control, time, switches);
        var structure = new StructureProbe(renderer, new MessageFit(facts, control), facts, control, source).Learn();
        return new TemplateAnswers(facts, switches, control.With(structure));
    }
}
