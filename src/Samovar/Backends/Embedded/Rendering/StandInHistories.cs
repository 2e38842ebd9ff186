namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Conversations of many kinds that end where an assistant message begins.</summary>
/// <remarks>
/// No two of a history's texts are equal, nor those at one place of different histories: what a template repeats of them shows.
/// </remarks>
internal sealed class StandInHistories
{
    private readonly IReadOnlyList<PromptMessage>[] _thoughtless, _thoughtful;

    /// <param name="hasParallelCalls">Whether one message may have several calls.</param>
    public StandInHistories(bool hasParallelCalls)
    {
        IReadOnlyList<PromptMessage>[] starts = [.. Starts(), .. hasParallelCalls ? Parallel() : []];
        (_thoughtless, _thoughtful) = (Looped(starts, reasoning: false), Looped(starts, reasoning: true));
        (PairsWithout, PairsWith) = (Pairs(_thoughtless), Pairs(_thoughtful));
    }

    /// <summary>The messages of all of them.</summary>
    public IEnumerable<PromptMessage> Messages => _thoughtless.Concat(_thoughtful).SelectMany(static one => one);

    private HashSet<(string, string)> PairsWithout { get; }
    private HashSet<(string, string)> PairsWith { get; }

    /// <summary>Which kinds of messages follow each other in them: of what a conversation has beyond these nothing is known.</summary>
    public IReadOnlySet<(string, string)> PairsOf(bool reasoningSinceUser) => reasoningSinceUser ? PairsWith : PairsWithout;

    /// <summary>All of them, the shortest first.</summary>
    public IReadOnlyList<IReadOnlyList<PromptMessage>> Of(bool reasoningSinceUser) => reasoningSinceUser ? _thoughtful : _thoughtless;

    /// <summary>The shortest one.</summary>
    public static IReadOnlyList<PromptMessage> Shortest(bool reasoningSinceUser) =>
        [User("a question"), .. reasoningSinceUser ? Loops(reasoning: true)[0] : []];

    /// <summary>A few that differ much.</summary>
    public static IEnumerable<IReadOnlyList<PromptMessage>> Samples(bool reasoningSinceUser)
    {
        var loops = Loops(reasoningSinceUser);
        return [[.. Starts()[0], .. loops[0]], [.. Starts()[3], .. loops[1]]];
    }

    private static HashSet<(string, string)> Pairs(IEnumerable<IReadOnlyList<PromptMessage>> histories) =>
        [.. histories.SelectMany(PromptSkeleton.Pairs)];

    private static PromptMessage[][] Starts()
    {
        var answer = new PromptMessage(PromptRole.Assistant, "an answer");
        return
        [
            [User("a question")],
            [User("one thing"), answer, User("more")],
            [
                User("this"), StandIns.Calling("early", thought: false), StandIns.Output("early"), answer with { Text = "so it is" },
                User("and then"),
            ],
            [User("that"), answer with { Text = "it was", Reasoning = StandIns.Thought }, User("so")],
            [User("first"), User("first, too")],
            [User("whatever"), answer with { Text = "well" }, Rule("a later rule"), User("what else"), Rule("one more rule")],
            [User("look"), StandIns.Calling("once", thought: false), StandIns.Output("once"), User("wait"), Rule("or so"), User("go on")],
            [User("try"), StandIns.Calling("twice", thought: false), StandIns.Output("twice"), Rule("now this"), answer, User("go on")],
            [.. Everything(reasoning: false), User("nothing more")],
            [.. Everything(reasoning: true), User("nothing else")],
        ];
    }

    /// <summary>Answers of all kinds, behind a question and behind an output.</summary>
    private static IEnumerable<PromptMessage> Everything(bool reasoning)
    {
        for (var at = 0; at < 12; at++)
        {
            var (hasText, hasCall, isFirst) = (at % 3 > 0, at % 3 < 2, at < 6);
            var name = $"e{at}";
            var said = (hasCall ? StandIns.Calling(name, reasoning && at % 2 == 0) : new PromptMessage(PromptRole.Assistant, ""))
                with { Text = hasText ? $"saying {at}" : "" };
            if (!hasCall && reasoning && at % 2 == 0) said = said with { Reasoning = StandIns.Thought };
            yield return User($"question {at}");
            foreach (var before in isFirst ? (PromptMessage[])[] : [StandIns.Calling("f" + name, reasoning), StandIns.Output("f" + name)])
                yield return before;
            yield return said;
            if (!hasCall) continue;
            yield return StandIns.Output(name);
            var thought = reasoning && at % 4 < 2 ? StandIns.Thought : "";
            yield return new PromptMessage(PromptRole.Assistant, $"answer {at}") { Reasoning = thought };
        }
    }

    private static PromptMessage[][] Parallel()
    {
        PromptCall[] calls = [StandIns.Call("left"), StandIns.Call("right")];
        return
        [
            [
                User("both"), new PromptMessage(PromptRole.Assistant, "") { Calls = calls },
                .. calls.Select(StandIns.Output), new PromptMessage(PromptRole.Assistant, "and both") { Calls = calls },
                .. calls.Select(StandIns.Output), new PromptMessage(PromptRole.Assistant, "") { Calls = calls },
                .. calls.Select(StandIns.Output), new PromptMessage(PromptRole.Assistant, "both are done"), User("good"),
                new PromptMessage(PromptRole.Assistant, "both again") { Calls = calls }, .. calls.Select(StandIns.Output),
                StandIns.Calling("one", thought: false), StandIns.Output("one"),
                StandIns.Calling("other", thought: true), StandIns.Output("other"),
                new PromptMessage(PromptRole.Assistant, "") { Calls = calls, Reasoning = StandIns.Thought },
                .. calls.Select(StandIns.Output),
                new PromptMessage(PromptRole.Assistant, "with both") { Calls = calls, Reasoning = StandIns.Thought },
                .. calls.Select(StandIns.Output),
                new PromptMessage(PromptRole.Assistant, "done again") { Reasoning = StandIns.Thought }, User("well"),
            ],
        ];
    }

    private static PromptMessage[][] Loops(bool reasoning) => reasoning
        ?
        [
            [StandIns.Calling("x1", thought: true), StandIns.Output("x1")],
            [StandIns.Calling("x1", true), StandIns.Output("x1"), StandIns.Calling("x2", false), StandIns.Output("x2")],
        ]
        : [[], [StandIns.Calling("x1", thought: false), StandIns.Output("x1")]];

    private static IReadOnlyList<PromptMessage>[] Looped(IReadOnlyList<PromptMessage>[] starts, bool reasoning) =>
    [
        .. from start in starts
           from loop in Loops(reasoning)
           select (IReadOnlyList<PromptMessage>)[.. start, .. loop],
    ];

    private static PromptMessage Rule(string text) => new(PromptRole.System, text);

    private static PromptMessage User(string text) => new(PromptRole.User, text);
}
