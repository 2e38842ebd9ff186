namespace Samovar.Bench.Transport;

/// <summary>What an agent does, in sizes: the same work whatever carries it.</summary>
/// <param name="Name">As samples have it.</param>
/// <param name="Words">For people.</param>
/// <param name="InstructionBytes">Of the system prompt.</param>
/// <param name="ToolBytes">Of all tools as JSON.</param>
internal sealed record AgentTask(string Name, string Words, int InstructionBytes, int ToolBytes, IReadOnlyList<AgentStep> Steps)
{
    /// <summary>The three published tasks, sized so that a client without state sends about 176 KB in each.</summary>
    public static readonly IReadOnlyList<AgentTask> Published =
    [
        Even("fix-test", "fix a failing test", 12, 1430, 280),
        Even("add-feature", "add a search feature", 10, 2150, 420),
        Even("refactor", "refactor the API layer", 8, 3200, 600),
    ];

    public static readonly IReadOnlyList<AgentTask> Loops =
        [Even("loop-20", "20 tool calls", 20, 1430, 280), Even("loop-50", "50 tool calls", 50, 1430, 280)];

    /// <summary>A tool loop whose turns are all of one size.</summary>
    public static AgentTask Even(string name, string words, int turns, int newBytes, int outputBytes, int instructions = 900,
        int tools = 1100) =>
        new(name, words, instructions, tools, [.. Enumerable.Repeat(new AgentStep(newBytes, outputBytes), turns)]);
}

/// <summary>One turn of it.</summary>
/// <param name="NewBytes">Of the user's words or the tool's result.</param>
/// <param name="OutputBytes">Of the call's arguments or of the answer.</param>
/// <param name="Pause">How long the client waits before it.</param>
internal sealed record AgentStep(int NewBytes, int OutputBytes, TimeSpan Pause = default);
