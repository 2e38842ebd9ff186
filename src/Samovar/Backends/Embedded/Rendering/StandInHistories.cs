namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Conversations of many kinds that end where an assistant message begins.</summary>
/// <remarks>
/// Templates may count: messages, questions, calls. A length can only be compared with a number that the template's code has, so there are
/// histories a little shorter, as long and a little longer than each of its small numbers, and one longer than each of the large ones.
/// Beyond <see cref="LargestNumber"/> nothing is tried, and longer conversations have no proof. No two of a history's texts are equal, nor
/// those at one place of different histories: what a template repeats of them shows.
/// </remarks>
internal sealed class StandInHistories
{
    /// <summary>Longer ones are tried once.</summary>
    public const int LongMin = 80;

    private const int SmallNumber = 32;
    private const int LargestNumber = 512;
    private const int Around = 2;

    private readonly IReadOnlyList<PromptMessage>[] _thoughtless, _thoughtful;

    /// <param name="numbers">The numbers of the template's code.</param>
    /// <param name="hasParallelCalls">Whether one message may have several calls.</param>
    public StandInHistories(IReadOnlyList<int> numbers, bool hasParallelCalls)
    {
        MessagesMax = numbers.Any(static number => number > LargestNumber) ? LargestNumber : int.MaxValue;
        IReadOnlyList<PromptMessage>[] starts = [.. Starts(), .. hasParallelCalls ? Parallel() : [], .. Lengths(numbers).Select(Rounds)];
        (_thoughtless, _thoughtful) = (Looped(starts, reasoning: false), Looped(starts, reasoning: true));
    }

    /// <summary>Messages that conversations may have; longer ones differ from all that was tried.</summary>
    public int MessagesMax { get; }

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

    private static PromptMessage[][] Starts()
    {
        var answer = new PromptMessage(PromptRole.Assistant, "an answer");
        return
        [
            [User("a question")],
            [User("one thing"), answer, User("more")],
            [User("this"), StandIns.Calling("early", thought: false), StandIns.Output("early"), answer with { Text = "so it is" }, User("and then")],
            [User("that"), answer with { Text = "it was", Reasoning = StandIns.Thought }, User("so")],
            [User("first"), User("first, too")],
            [User("whatever"), answer with { Text = "well" }, new PromptMessage(PromptRole.System, "a later rule"), User("what else")],
        ];
    }

    private static PromptMessage[][] Parallel()
    {
        PromptCall[] calls = [StandIns.Call("left"), StandIns.Call("right")];
        return
        [
            [
                User("both"), new PromptMessage(PromptRole.Assistant, "") { Calls = calls },
                .. calls.Select(StandIns.Output), new PromptMessage(PromptRole.Assistant, "both are done"), User("good"),
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

    /// <summary>How many questions, or messages, histories shall have.</summary>
    private static IEnumerable<int> Lengths(IReadOnlyList<int> numbers)
    {
        var lengths = new SortedSet<int>();
        foreach (var number in numbers)
        {
            if (number is > SmallNumber and <= LargestNumber) lengths.Add(number / 2 + Around);
            if (number is <= 2 or > SmallNumber) continue; // the others have such lengths already
            for (var near = number - Around; near <= number + Around; near++) lengths.UnionWith([near, near / 2]);
        }
        return lengths.Where(static length => length > 2);
    }

    private static IReadOnlyList<PromptMessage> Rounds(int questions)
    {
        var messages = new List<PromptMessage>();
        for (var at = 1; at < questions; at++)
            messages.AddRange([User($"question {at} of {questions}"), new PromptMessage(PromptRole.Assistant, $"answer {at} of {questions}")]);
        messages.Add(User($"the last of {questions}"));
        return messages;
    }

    private static PromptMessage User(string text) => new(PromptRole.User, text);
}
