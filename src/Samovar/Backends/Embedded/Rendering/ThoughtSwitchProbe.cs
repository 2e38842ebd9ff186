using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Finds a template's switch for earlier thoughts.</summary>
internal static class ThoughtSwitchProbe
{
    private static readonly string[] Words = ["think", "thought", "reason"];
    private const int NamesMax = 32;
    private const string Thought = "thought of long ago";

    /// <summary>
    /// The switch of a template, found by rendering: with it earlier thoughts are written, and all that has none is written as without.
    /// Null where there is no such variable, or the template keeps them anyway, or never writes any.
    /// </summary>
    public static ThoughtSwitch? Find(ChatTemplate template, TemplateFacts facts, ControlText control, TimeProvider time)
    {
        if (facts is { ReasoningField: null, ThoughtPart: null }) return null;
        if (Render(facts, Thought, generate: true) is not { } dropping || Keeps(dropping)) return null;
        foreach (var name in template.Names.Where(IsOfThoughts).Take(NamesMax))
            foreach (var value in (bool[])[true, false])
            {
                var with = facts with { ThoughtsKeptBy = new ThoughtSwitch(name, value) };
                if (Render(with, Thought, generate: true) is { } kept && Keeps(kept) && IsLike(with, facts)) return with.ThoughtsKeptBy;
            }
        return null;

        bool IsLike(TemplateFacts with, TemplateFacts without) =>
            Render(with, "", generate: true) == Render(without, "", generate: true)
            && Render(with, "", generate: false) == Render(without, "", generate: false);

        string? Render(TemplateFacts trial, string thought, bool generate)
        {
            try
            {
                return new ChatRenderer(template, trial, control, time).Render(Conversation(trial, thought),
                    new RenderFrame(TemplateValue.None.Value, ThinkingOff: false, Effort: null, generate), CancellationToken.None);
            }
            catch (TemplateException)
            {
                return null;
            }
        }
    }

    private static bool Keeps(string rendered) => rendered.Contains(Thought, StringComparison.Ordinal);

    private static bool IsOfThoughts(string name) => Words.Any(word => name.Contains(word, StringComparison.Ordinal));

    private static PromptMessage[] Conversation(TemplateFacts facts, string thought)
    {
        PromptMessage[] calling = facts.Calls
            ? [StandIns.Calling("x1", thought: false) with { Reasoning = thought }, StandIns.Output("x1")]
            : [];
        return
        [
            new PromptMessage(PromptRole.User, "a question"), .. calling,
            new PromptMessage(PromptRole.Assistant, "an answer") { Reasoning = thought },
            new PromptMessage(PromptRole.User, "another question"),
        ];
    }
}
