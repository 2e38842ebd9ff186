namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Short conversations that stand for long ones when a template is asked what it writes behind an assistant message.</summary>
internal static class StandIns
{
    /// <summary>Stands near the end of the stand-in's assistant message and nowhere before it.</summary>
    public const string Anchor = "anchorZq7Kx";

    private const string LaterThought = "another thought";

    /// <summary>Stands elsewhere in that message.</summary>
    private const string Aside = "asideYw5Rt";

    private const string Question = "a question";

    /// <summary>What stand-ins think.</summary>
    public const string Thought = "thoughtJw3Vd";

    /// <summary>One letter for a message's kind.</summary>
    public static char KindOf(PromptMessage message) => message.Role switch
    {
        PromptRole.System => 's',
        PromptRole.Tool => 't',
        PromptRole.User => 'u',
        _ => (message.Calls.Count > 0, message.Reasoning.Length > 0) switch
        {
            (false, false) => 'a',
            (false, true) => 'r',
            (true, false) => 'c',
            (true, true) => 'd',
        },
    };

    /// <summary>The assistant message of a tail, with the anchor where it is written last.</summary>
    public static PromptMessage Assistant(TailShape tail, IReadOnlyList<PromptCall> calls) => new(
        PromptRole.Assistant, !tail.Text ? "" : calls.Count > 0 ? Aside : Anchor)
    {
        Reasoning = tail.Reasoning ? Thought : "",
        Calls = [.. calls.Select((call, at) => call with { Arguments = $$"""{"a": "{{(at == calls.Count - 1 ? Anchor : Aside)}}"}""" })],
    };

    /// <summary>Whether a text says anything of what the assistant message of a tail says.</summary>
    public static bool AreIn(string text) =>
        Array.Exists([Anchor, Aside, Thought], said => text.Contains(said, StringComparison.Ordinal));

    /// <summary>Calls for a proof: as many as the tail has, of any name.</summary>
    public static IReadOnlyList<PromptCall> Calls(int count) =>
        [.. Enumerable.Range(0, count).Select(at => new PromptCall($"{ToolNames.NamedIdStart}do_y{at}:{at}", $"do_y{at}", "{}"))];

    /// <summary>New messages of the given kinds, the first outputs answering these calls.</summary>
    public static IReadOnlyList<PromptMessage> Added(string kinds, IReadOnlyList<PromptCall> calls)
    {
        var messages = new List<PromptMessage>(kinds.Length);
        var answered = 0;
        foreach (var kind in kinds)
            messages.Add(kind switch
            {
                's' => new(PromptRole.System, "a rule"),
                't' => answered < calls.Count ? Output(calls[answered++]) : Output("late"),
                'u' => new(PromptRole.User, Question),
                'a' => new(PromptRole.Assistant, "a reply"),
                'r' => new(PromptRole.Assistant, "a reply") { Reasoning = LaterThought },
                'c' => Calling("late", thought: false),
                _ => Calling("late", thought: false) with { Reasoning = LaterThought },
            });
        return messages;
    }

    /// <summary>A message of one call.</summary>
    public static PromptMessage Calling(string name, bool thought) => new(PromptRole.Assistant, "")
    {
        Reasoning = thought ? Thought : "",
        Calls = [Call(name)],
    };

    /// <summary>A call with the anchor, and its output.</summary>
    public static IEnumerable<PromptMessage> AnchoredCall(string name)
    {
        var call = Call(name) with { Arguments = $$"""{"b": "{{Anchor}}"}""" };
        return [new PromptMessage(PromptRole.Assistant, "") { Calls = [call] }, Output(call)];
    }

    /// <summary>Its id is taken by any template, those included that take only ids that name the function.</summary>
    public static PromptCall Call(string name) => new($"{ToolNames.NamedIdStart}do_{name}:0", "do_" + name, """{"b": 1}""");

    /// <summary>The output of such a call.</summary>
    public static PromptMessage Output(string name) => Output(Call(name));

    public static PromptMessage Output(PromptCall call) => new(PromptRole.Tool, "done") { CallId = call.Id, CallName = call.Name };
}
