namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Histories that a turn is looked at behind: a template may look for a text only in a later question.</summary>
internal static class EarlierTurns
{
    private static readonly PromptMessage[] Several =
    [
        new(PromptRole.User, "to begin with"), new(PromptRole.Assistant, "begun"), new(PromptRole.User, "look there"),
        StandIns.Calling("before", thought: false), StandIns.Output("before"), new(PromptRole.Assistant, "it is there"),
        new(PromptRole.User, "think of it"), new(PromptRole.Assistant, "it was thought of") { Reasoning = StandIns.Thought },
    ];

    /// <summary>Their messages, and those of <see cref="LaterTurns"/>.</summary>
    public static IEnumerable<PromptMessage> All => [.. Several, .. LaterTurns.All.SelectMany(static one => one)];

    public static IReadOnlyList<IReadOnlyList<PromptMessage>> Of(TurnShape shape)
    {
        var shortest = StandInHistories.Shortest(shape.Tail.ReasoningSinceUser);
        return [shortest, [.. Several, .. shortest]];
    }
}

/// <summary>What may come behind a turn: nothing yet, a call, an answer and a question, and several of both.</summary>
internal static class LaterTurns
{
    public static readonly PromptMessage[][] None = [[]];

    public static readonly PromptMessage[][] All =
    [
        [],
        [new(PromptRole.Assistant, StandIns.Anchor), new(PromptRole.User, "a later question")],
        [.. StandIns.AnchoredCall("later")],
        [
            new(PromptRole.Assistant, "some answer"), new(PromptRole.User, "some question"),
            new(PromptRole.Assistant, StandIns.Anchor), new(PromptRole.User, "a later question"),
        ],
        [
            new(PromptRole.Assistant, "a later answer"), new(PromptRole.User, "one more question"),
            StandIns.Calling("after", thought: false), StandIns.Output("after"),
            new(PromptRole.Assistant, "one more answer"), new(PromptRole.User, "the third question"),
            new(PromptRole.Assistant, StandIns.Anchor), new(PromptRole.User, "the last question"),
        ],
    ];
}
