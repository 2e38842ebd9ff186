namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Short conversations that stand for long ones when a template is asked what it writes behind an assistant message.</summary>
internal static class StandIns
{
    /// <summary>Stands near the end of the stand-in's assistant message and nowhere before it.</summary>
    public const string Anchor = "anchorZq7Kx";

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

    /// <summary>Conversations of several kinds that end where an assistant message begins. The first is the shortest.</summary>
    public static IEnumerable<IReadOnlyList<PromptMessage>> Histories(bool reasoningSinceUser)
    {
        var user = new PromptMessage(PromptRole.User, Question);
        var answer = new PromptMessage(PromptRole.Assistant, "an answer");
        List<PromptMessage[]> starts =
        [
            [user],
            [user, answer, user with { Text = "more" }],
            [user, Calling("early", thought: false), Output("early"), answer, user with { Text = "and then" }],
            [user, answer with { Reasoning = Thought }, user with { Text = "so" }],
        ];
        PromptMessage[][] loops = reasoningSinceUser
            ? [[Calling("x1", thought: true), Output("x1")], [Calling("x1", true), Output("x1"), Calling("x2", false), Output("x2")]]
            : [[], [Calling("x1", thought: false), Output("x1")]];
        foreach (var loop in loops)
            foreach (var start in starts)
                yield return [.. start, .. loop];
    }

    /// <summary>The assistant message of a tail, with the anchor where it is written last.</summary>
    public static PromptMessage Assistant(TailShape tail, IReadOnlyList<PromptCall> calls) => new(
        PromptRole.Assistant, !tail.Text ? "" : calls.Count > 0 ? "some text" : Anchor)
    {
        Reasoning = tail.Reasoning ? Thought : "",
        Calls = [.. calls.Select((call, at) => call with { Arguments = $$"""{"a": "{{(at == calls.Count - 1 ? Anchor : "b")}}"}""" })],
    };

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
                'r' => new(PromptRole.Assistant, "a reply") { Reasoning = Thought },
                'c' => Calling("late", thought: false),
                _ => Calling("late", thought: true),
            });
        return messages;
    }

    private static PromptMessage Calling(string name, bool thought) => new(PromptRole.Assistant, "")
    {
        Reasoning = thought ? Thought : "",
        Calls = [new PromptCall(Id(name), "do_" + name, """{"b": 1}""")],
    };

    private static PromptMessage Output(string name) => Output(new PromptCall(Id(name), "do_" + name, ""));

    /// <summary>As it is in any template, those included that take only ids that name the function.</summary>
    private static string Id(string name) => $"{ToolNames.NamedIdStart}do_{name}:0";

    private static PromptMessage Output(PromptCall call) => new(PromptRole.Tool, "done") { CallId = call.Id, CallName = call.Name };
}
