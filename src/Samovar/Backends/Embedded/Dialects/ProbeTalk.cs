using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Json;
using Samovar.Templates;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Renders a question and an answer, and cuts the answer out: as a model behind the question would write it.</summary>
internal sealed class ProbeTalk(ChatTemplate template, ControlText control, ThinkingSwitches switches, TimeProvider time)
{
    private const string FullEffort = "high";

    public const string Question = "probe question 7Zq";

    private const string NextQuestion = "another inquiry 8Hb";

    private static readonly TemplateValue User = TemplateValue.Map.Of(("role", "user"), ("content", Question));
    private static readonly TemplateValue Next = TemplateValue.Map.Of(("role", "user"), ("content", NextQuestion));

    private readonly TemplateValue _tools = ToolText.Values(
        [TemplateProbe.StandIn(CallProbe.FirstName), TemplateProbe.StandIn(CallProbe.SecondName)], control);

    private readonly Dictionary<(ProbeAnswer? Answer, ProbeForm Form), string?> _written = [];

    /// <summary>What stands between the question and the answer; null where the template cannot be used.</summary>
    public string? Opening(ProbeForm form) => Once(null, form, () => Render([User], form, generate: true));

    /// <summary>All behind the question; null where the template refuses such an answer.</summary>
    public string? Write(ProbeAnswer answer, ProbeForm form) =>
        Once(answer, form, () => Render([User, Assistant(answer, form)], form, generate: false));

    /// <summary>All behind the question up to what a next question says; null where the template refuses such an answer.</summary>
    public string? UntilNext(ProbeAnswer answer, ProbeForm form)
    {
        var written = Behind(Render([User, Assistant(answer, form), Next], form, generate: false), Question);
        var at = written?.IndexOf(NextQuestion, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : written![..at];
    }

    private string? Once(ProbeAnswer? answer, ProbeForm form, Func<string?> render)
    {
        if (!_written.TryGetValue((answer, form), out var written)) _written[(answer, form)] = written = Behind(render(), Question);
        return written;
    }

    /// <summary>What stands behind the last of these words; null where they are not there.</summary>
    public static string? Behind(string? rendered, string words)
    {
        var at = rendered?.LastIndexOf(words, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : rendered![(at + words.Length)..];
    }

    private string? Render(List<TemplateValue> messages, ProbeForm form, bool generate)
    {
        foreach (var tools in (TemplateValue[])[_tools, TemplateValue.None.Value])
            try
            {
                return template.Render(Variables(messages, tools, form, generate), TemplateLimits.Default, time, CancellationToken.None);
            }
            catch (TemplateException)
            {
                continue; // it has no place for tools, or none for such an answer: the next try says which
            }
        return null;
    }

    private Dictionary<string, TemplateValue> Variables(List<TemplateValue> messages, TemplateValue tools, ProbeForm form, bool generate)
    {
        var tokens = control.Tokenizer;
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["messages"] = new TemplateValue.List(messages, IsFrozen: true),
            ["tools"] = tools,
            ["add_generation_prompt"] = generate,
            ["bos_token"] = tokens.BeginOfText is { } begin ? control.SpellingOf(begin) : "",
            ["eos_token"] = tokens.EndOfSequence is { } end ? control.SpellingOf(end) : "",
        };
        if (!form.ThinksOn) return variables;
        variables["enable_thinking"] = variables["thinking"] = true;
        foreach (var (name, value) in switches.For(FullEffort)) variables[name] = value;
        return variables;
    }

    private static TemplateValue.Map Assistant(ProbeAnswer answer, ProbeForm form)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["role"] = "assistant",
            ["content"] = Content(answer, form),
        };
        if (answer.Thought is { } thought && form.ThoughtField.Length > 0) entries[form.ThoughtField] = thought;
        if (answer.Calls.Count > 0)
            entries["tool_calls"] = new TemplateValue.List([.. answer.Calls.Select(call => Value(call, form))], IsFrozen: true);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }

    private static TemplateValue Content(ProbeAnswer answer, ProbeForm form)
    {
        if (answer.Thought is { } thought && form.ThoughtField.Length == 0)
            return new TemplateValue.List(
                [
                    TemplateValue.Map.Of(("type", "thinking"), ("thinking", thought)),
                    TemplateValue.Map.Of(("type", "text"), ("text", answer.Text)),
                ], IsFrozen: true);
        return answer.Text.Length == 0 && !form.HasContent ? TemplateValue.None.Value : answer.Text;
    }

    private static TemplateValue.Map Value(ProbeCall call, ProbeForm form) => TemplateValue.Map.Of(
        ("id", form.NamesInIds ? $"functions.{call.Name}:{call.Id[^1] - '1'}" : call.Id), ("type", "function"),
        ("function", TemplateValue.Map.Of(
            ("name", call.Name),
            ("arguments", form.ArgumentsAsText ? call.Arguments : Arguments(call.Arguments)))));

    private static TemplateValue.Map Arguments(string json)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal);
        foreach (var (name, value) in RawJson.Of(json).Fields())
            entries[name] = value.AsText() is { } text ? text : new TemplateValue.Int(value.AsNumber() ?? 0);
        return new TemplateValue.Map(entries, IsFrozen: true);
    }
}
