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
    private static readonly PromptMessage AnswerAgain = new(PromptRole.Assistant, "second answer");
    private static readonly PromptMessage System = new(PromptRole.System, "system said");
    private static readonly PromptMessage SystemLater = new(PromptRole.System, "system later");
    private static readonly PromptCall Call = new("call_probe0001", "look_beta", Arguments);
    private static readonly PromptCall CallAgain = new("call_probe0002", "look_gamma", Arguments);
    private static readonly PromptMessage Calling = new(PromptRole.Assistant, "") { Calls = [Call] };
    private static readonly PromptMessage Output = new(PromptRole.Tool, "tool said") { CallId = Call.Id, CallName = Call.Name };
    private static readonly PromptMessage OutputAgain =
        new(PromptRole.Tool, "tool repeated") { CallId = CallAgain.Id, CallName = CallAgain.Name };

    /// <summary>Where templates read a thought from.</summary>
    private static readonly string[] ReasoningFields = ["reasoning_content", "thinking", "reasoning", "thought", "thoughts", "tool_plan"];
    private static readonly ThoughtPart[] ThoughtParts =
        [new("thinking", "thinking"), new("reasoning", "reasoning"), new("reasoning", "text"), new("thinking", "text")];

    private readonly TemplateValue _tools = ToolText.Values([StandIn("look_alpha")], control);

    /// <exception cref="TemplateException">The template cannot even render a question.</exception>
    public TemplateFacts Ask()
    {
        var facts = AskQuestion();
        facts = facts with { Tools = Shows(facts with { Tools = true }, [User], "look_alpha") };
        facts = facts with { SystemRole = ShowsAlways(facts, [System, User]) };
        facts = AskOrder(AskCalls(facts));
        facts = AskReasoning(facts);
        var beside = Calling with { Text = "looking", Reasoning = "thought hard" };
        if (facts is { TextWithCalls: true, ReasoningField: not null } && Try(facts, [User, beside, Output]) is null)
            facts = facts with { ThoughtBesideTextAndCalls = false };
        return facts with { EndToken = AskEnd(facts) };
    }

    internal static OfferedTool StandIn(string name) => new(
        name, name, null, IsCustom: false, "Looks something up.", RawJson.Of("""{"type":"object","properties":{}}"""), IsStrict: false);

    private TemplateFacts AskQuestion()
    {
        var facts = new TemplateFacts { Tools = false };
        foreach (var asNone in (bool[])[false, true])
            foreach (var asParts in (bool[])[false, true])
            {
                var trial = facts with { ToolsAsNone = asNone, TextParts = asParts };
                if (Try(trial, [User], generate: true)?.Contains(User.Text, StringComparison.OrdinalIgnoreCase) == true) return trial;
            }
        _ = Render(facts, [User], generate: true); // says why
        throw new TemplateException("It does not write what the user says.");
    }

    /// <summary>Who may speak behind whom.</summary>
    private TemplateFacts AskOrder(TemplateFacts facts)
    {
        facts = facts with
        {
            ToolRole = facts.Calls || HasToolRole(facts),
            OutputsNeedName = !ShowsOrphan(facts) && ShowsOrphan(facts with { OutputsNeedName = true }),
            UsersInRow = Shows(facts, [User, UserAgain]),
            AssistantsInRow = Shows(facts, [User, Answer, AnswerAgain, UserAgain]),
            AssistantFirst = Shows(facts, [Answer, UserAgain]),
            SystemLater = ShowsAlways(facts, [User, Answer, SystemLater, UserAgain])
                && (!facts.SystemRole || ShowsAlways(facts, [System, User, Answer, SystemLater, UserAgain])),
        };
        if (facts is { SystemRole: true, SystemLater: true })
            facts = facts with { SystemsInRow = ShowsAlways(facts, [System, SystemLater, User]) };
        if (!facts.Calls) return facts;
        var calling = facts.CallsNeedThought ? Calling with { Reasoning = "thought first" } : Calling;
        return facts with
        {
            UserBehindOutput = Shows(facts, [User, calling, Output, UserAgain]),
            TextBeforeCalls = Shows(facts, [User, Answer, calling, Output, AnswerAgain, UserAgain]),
        };
    }

    private bool ShowsOrphan(TemplateFacts trial) => Shows(trial, [User, Output with { CallId = "call_unknown1", CallName = null }]);

    private TemplateFacts AskCalls(TemplateFacts facts) =>
        AskCalls(facts, Calling)
        ?? ReasoningFields.Select(field => AskCalls(
            facts with { ReasoningField = field, CallsNeedThought = true }, Calling with { Reasoning = "thought first" }))
            .FirstOrDefault(found => found is not null)
        ?? facts with { Calls = false };

    private TemplateFacts? AskCalls(TemplateFacts facts, PromptMessage calling)
    {
        foreach (var (shortIds, namedIds) in ((bool, bool)[])[(false, false), (true, false), (false, true)])
            foreach (var emptyContent in (bool[])[true, false])
                foreach (var asText in (bool[])[true, false])
                {
                    var trial = facts with
                    {
                        ShortCallIds = shortIds, NamedCallIds = namedIds, EmptyContent = emptyContent, ArgumentsAsText = asText,
                    };
                    if (!TakesCalls(trial, calling)) continue;
                    return trial with
                    {
                        TextWithCalls = WritesText(trial, calling),
                        ParallelCalls = Shows(
                            trial, [User, calling with { Calls = [Call, CallAgain] }, Output, OutputAgain],
                            Call.Name, CallAgain.Name, Output.Text, OutputAgain.Text),
                    };
                }
        return null;
    }

    /// <summary>Whether text beside calls is there, in the first round and in later ones.</summary>
    private bool WritesText(TemplateFacts trial, PromptMessage calling) =>
        Shows(trial, [User, calling with { Text = "looking" }, Output], "looking", Call.Name)
        && Shows(
            trial, [User, calling, Output, calling with { Text = "looking", Calls = [CallAgain] }, OutputAgain], "looking", CallAgain.Name);

    /// <summary>A template that writes any role as it comes has a place for tools' only where it knows tools at all.</summary>
    private bool HasToolRole(TemplateFacts facts)
    {
        var said = new PromptMessage(PromptRole.Tool, "said so") { CallId = Call.Id, CallName = Call.Name };
        if (Try(facts, [User, Answer, said]) is not { } text || !text.Contains(said.Text, StringComparison.Ordinal)) return false;
        return facts.Tools || Try(facts, [User, Answer, said with { Role = PromptRole.User }]) is not { } asUser
            || text.Replace("tool", "user", StringComparison.Ordinal) != asUser;
    }

    private bool TakesCalls(TemplateFacts trial, PromptMessage calling)
    {
        if (Try(trial, [User, calling, Output]) is not { } text || !InOrder(text, [Call.Name, "probe_key", Output.Text])) return false;
        if (trial.ArgumentsAsText && WritesObjects(trial, calling)) return false;
        if (!trial.ArgumentsAsText) return text.Contains("\"probe_key\"", StringComparison.Ordinal)
            || !text.Contains("'probe_key'", StringComparison.Ordinal);
        var at = text.IndexOf(Arguments, StringComparison.Ordinal);
        return at > 0 && text[at - 1] != '"';
    }

    /// <summary>Whether it writes arguments in words of its own, which it can only where they are an object.</summary>
    private bool WritesObjects(TemplateFacts trial, PromptMessage calling) =>
        Try(trial with { ArgumentsAsText = false }, [User, calling, Output]) is { } text
        && text.Contains("probe_key", StringComparison.Ordinal) && text.Contains("probe_value", StringComparison.Ordinal)
        && !text.Contains("\"probe_key\"", StringComparison.Ordinal) && !text.Contains("'probe_key'", StringComparison.Ordinal);

    private TemplateFacts AskReasoning(TemplateFacts facts)
    {
        var thinking = facts.Calls
            ? (PromptMessage[])[User, Calling with { Reasoning = "thought hard" }, Output]
            : [User, Answer with { Reasoning = "thought hard" }];
        facts = facts with
        {
            ReasoningField = ReasoningFields.FirstOrDefault(
                field => Shows(facts with { ReasoningField = field }, thinking, "thought hard")),
        };
        if (facts.ReasoningField is not null) return facts;
        return facts with { ThoughtPart = ThoughtParts.FirstOrDefault(part => ReadsPart(facts with { ThoughtPart = part }, thinking)) };
    }

    /// <summary>A template that prints whatever its content is would show the list itself, or a thought like any text.</summary>
    private bool ReadsPart(TemplateFacts facts, IReadOnlyList<PromptMessage> thinking) =>
        Try(facts, thinking) is { } text && text != AsText(facts, thinking)
        && InOrder(text, [.. thinking.SelectMany(one => (string[])[one.Reasoning, one.Text]).Where(one => one.Length > 0)])
        && !text.Contains($"'{facts.ThoughtPart!.Type}'", StringComparison.Ordinal)
        && !text.Contains($"\"{facts.ThoughtPart.Type}\"", StringComparison.Ordinal);

    private string? AsText(TemplateFacts facts, IReadOnlyList<PromptMessage> thinking) =>
        Try(facts, [.. thinking.Select(one => one with { Text = one.Reasoning + one.Text, Reasoning = "" })]);

    private int? AskEnd(TemplateFacts facts)
    {
        if (Try(facts, [User, Answer]) is not { } text) return null;
        var at = text.LastIndexOf(Answer.Text, StringComparison.Ordinal);
        if (at < 0) return null;
        for (at = control.IndexOfSpelling(text, at + Answer.Text.Length); at >= 0; at = control.IndexOfSpelling(text, at + 1))
        {
            var tokens = control.Tokenize(control.SpellingAt(text, at)!);
            if (tokens.Length != 1) return null;
            if (control.Tokenizer.IsControl(tokens[0]) || control.Tokenizer.IsEndOfGeneration(tokens[0])) return tokens[0];
        }
        return null;
    }

    /// <summary>Whether all texts are there in their order, with tools and without.</summary>
    private bool ShowsAlways(TemplateFacts facts, IReadOnlyList<PromptMessage> messages) =>
        Shows(facts, messages) && (!facts.Tools || Shows(facts with { Tools = false }, messages));

    /// <summary>Whether all texts are there in their order.</summary>
    private bool Shows(TemplateFacts facts, IReadOnlyList<PromptMessage> messages) =>
        Shows(facts, messages, [.. messages.Select(message => message.Text).Where(text => text.Length > 0)]);

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

    private string? Try(TemplateFacts facts, IReadOnlyList<PromptMessage> messages, bool generate = false)
    {
        try
        {
            return Render(facts, messages, generate);
        }
        catch (TemplateException)
        {
            return null; // it refuses such a conversation: that is the answer
        }
    }

    private string Render(TemplateFacts facts, IReadOnlyList<PromptMessage> messages, bool generate) =>
        new ChatRenderer(template, facts, control, time).Render(
            messages, new RenderFrame(_tools, ThinkingOff: false, Effort: null, generate), CancellationToken.None);
}
