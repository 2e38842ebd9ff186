using Samovar.Protocol.Json;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Asks a chat template what it can do, by rendering small conversations and looking for what should be there.</summary>
internal sealed class TemplateProbe(ChatTemplate template, ControlText control, TimeProvider time)
{
    private const string Arguments = """{"probe_key": "probe_value"}""";

    private static readonly PromptMessage User = new(PromptRole.User, "first question");
    private static readonly PromptMessage UserAgain = new(PromptRole.User, "second question");
    private static readonly PromptMessage Answer = new(PromptRole.Assistant, "first answer");
    private static readonly PromptCall Call = new("call_probe0001", "look_beta", Arguments);
    private static readonly PromptCall CallAgain = new("call_probe0002", "look_gamma", Arguments);
    private static readonly PromptMessage Calling = new(PromptRole.Assistant, "") { Calls = [Call] };
    private static readonly PromptMessage Output = new(PromptRole.Tool, "tool said") { CallId = Call.Id, CallName = Call.Name };
    private static readonly PromptMessage OutputAgain =
        new(PromptRole.Tool, "tool repeated") { CallId = CallAgain.Id, CallName = CallAgain.Name };

    private readonly TemplateValue _tools = ToolText.Values([StandIn("look_alpha")], control);

    /// <exception cref="TemplateException">The template cannot even render a question.</exception>
    public TemplateFacts Ask()
    {
        var facts = new TemplateFacts { Tools = false };
        _ = new ChatRenderer(template, facts, control, time).Render([User], Frame(generate: true), CancellationToken.None);
        facts = facts with { Tools = Shows(facts with { Tools = true }, [User], "look_alpha") };
        facts = facts with { SystemRole = Shows(facts, [new(PromptRole.System, "system said"), User], "system said", User.Text) };
        facts = AskCalls(facts);
        facts = facts with
        {
            UsersInRow = Shows(facts, [User, UserAgain], User.Text, UserAgain.Text),
            SystemLater = Shows(facts, [User, Answer, new(PromptRole.System, "system later"), UserAgain], "system later", UserAgain.Text),
        };
        facts = facts with { ReasoningField = AskReasoning(facts) };
        return facts with { EndToken = AskEnd(facts) };
    }

    internal static OfferedTool StandIn(string name) => new(
        name, name, null, IsCustom: false, "Looks something up.", RawJson.Of("""{"type":"object","properties":{}}"""), IsStrict: false);

    private TemplateFacts AskCalls(TemplateFacts facts)
    {
        foreach (var shortIds in (bool[])[false, true])
            foreach (var emptyContent in (bool[])[true, false])
                foreach (var asText in (bool[])[true, false])
                {
                    var trial = facts with { ShortCallIds = shortIds, EmptyContent = emptyContent, ArgumentsAsText = asText };
                    if (!TakesCalls(trial)) continue;
                    return trial with
                    {
                        TextWithCalls = Shows(trial, [User, Calling with { Text = "looking" }, Output], "looking", Call.Name),
                        ParallelCalls = Shows(
                            trial, [User, Calling with { Calls = [Call, CallAgain] }, Output, OutputAgain],
                            Call.Name, CallAgain.Name, Output.Text, OutputAgain.Text),
                    };
                }
        return facts with { Calls = false };
    }

    private bool TakesCalls(TemplateFacts trial)
    {
        if (Try(trial, [User, Calling, Output]) is not { } text || !InOrder(text, [Call.Name, "probe_key", Output.Text])) return false;
        if (!trial.ArgumentsAsText) return text.Contains("\"probe_key\"", StringComparison.Ordinal)
            || !text.Contains("'probe_key'", StringComparison.Ordinal);
        var at = text.IndexOf(Arguments, StringComparison.Ordinal);
        return at > 0 && text[at - 1] != '"';
    }

    private string? AskReasoning(TemplateFacts facts)
    {
        var thinking = facts.Calls
            ? (PromptMessage[])[User, Calling with { Reasoning = "thought hard" }, Output]
            : [User, Answer with { Reasoning = "thought hard" }];
        return ((string[])["reasoning_content", "thinking", "reasoning"])
            .FirstOrDefault(field => Shows(facts with { ReasoningField = field }, thinking, "thought hard"));
    }

    private int? AskEnd(TemplateFacts facts)
    {
        if (Try(facts, [User, Answer]) is not { } text) return null;
        var from = text.LastIndexOf(Answer.Text, StringComparison.Ordinal);
        var at = from < 0 ? -1 : control.IndexOfSpelling(text, from + Answer.Text.Length);
        if (at < 0) return null;
        var tokens = control.Tokenize(control.SpellingAt(text, at)!);
        return tokens.Length == 1 ? tokens[0] : null;
    }

    private bool Shows(TemplateFacts facts, IReadOnlyList<PromptMessage> messages, params string[] texts) =>
        Try(facts, messages) is { } rendered && InOrder(rendered, texts);

    private static bool InOrder(string rendered, string[] texts)
    {
        var from = 0;
        foreach (var text in texts)
        {
            var at = rendered.IndexOf(text, from, StringComparison.Ordinal);
            if (at < 0) return false;
            from = at + text.Length;
        }
        return true;
    }

    private string? Try(TemplateFacts facts, IReadOnlyList<PromptMessage> messages)
    {
        try
        {
            return new ChatRenderer(template, facts, control, time).Render(messages, Frame(generate: false), CancellationToken.None);
        }
        catch (TemplateException)
        {
            return null; // it refuses such a conversation: that is the answer
        }
    }

    private RenderFrame Frame(bool generate) => new(_tools, ThinkingOff: false, Effort: null, generate);
}
