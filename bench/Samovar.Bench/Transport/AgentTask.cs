namespace Samovar.Bench.Transport;

/// <summary>What an agent does, in sizes: the same work whatever carries it.</summary>
/// <param name="Name">As samples have it.</param>
/// <param name="Words">For people.</param>
/// <param name="Start">What every request of it begins with.</param>
internal sealed record AgentTask(string Name, string Words, AgentStart Start, IReadOnlyList<AgentStep> Steps)
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

    /// <summary>One turn alone, with a start as agents have it.</summary>
    public static readonly AgentTask FirstTurn =
        Even("first-turn", "the first turn", 1, 8000, 280, instructions: 12_000, tools: 12_000);

    /// <summary>Agents that it sets to work beside itself.</summary>
    public IReadOnlyList<SubAgent> SubAgents { get; init; } = [];

    /// <summary>Whether all of them speak over one WebSocket, a lane each.</summary>
    public bool SharesSocket { get; init; }

    /// <summary>A tool loop whose turns are all of one size.</summary>
    public static AgentTask Even(string name, string words, int turns, int newBytes, int outputBytes, int instructions = 900,
        int tools = 1100) =>
        new(name, words, new AgentStart(instructions, tools), [.. Enumerable.Repeat(new AgentStep(newBytes, outputBytes), turns)]);

    /// <summary>The same with less text, or more.</summary>
    public AgentTask Scaled(double scale) => this with
    {
        Start = Start with { InstructionBytes = Size(Start.InstructionBytes, scale), ToolBytes = Size(Start.ToolBytes, scale) },
        Steps = [.. Steps.Select(step => step with
        {
            NewBytes = Size(step.NewBytes, scale), OutputBytes = Size(step.OutputBytes, scale),
        })],
        SubAgents = [.. SubAgents.Select(agent => agent with { Task = agent.Task.Scaled(scale) })],
    };

    private static int Size(int bytes, double scale) => (int)Math.Max(1, Math.Round(bytes * scale));
}

/// <summary>What every request of a session begins with.</summary>
/// <param name="InstructionBytes">Of the system prompt.</param>
/// <param name="ToolBytes">Of all tools as JSON.</param>
internal sealed record AgentStart(int InstructionBytes, int ToolBytes)
{
    /// <summary>The instructions' words, and those of the tools; null: excerpts.</summary>
    public IAgentWords? Words { get; init; }
    public IAgentWords? ToolWords { get; init; }
}

/// <summary>One turn of it.</summary>
/// <param name="NewBytes">Of the user's words or the tool's result.</param>
/// <param name="OutputBytes">Of the call's arguments or of the answer.</param>
/// <param name="Pause">How long the client waits before it.</param>
internal sealed record AgentStep(int NewBytes, int OutputBytes, TimeSpan Pause = default)
{
    /// <summary>What the user or the tool says; null: an excerpt.</summary>
    public IAgentWords? Words { get; init; }

    /// <summary>Whether the model ends it with a call; null: every turn but the last.</summary>
    public bool? EndsWithCall { get; init; }

    /// <summary>The conversation begins again here and keeps so many of its turns; null: it goes on.</summary>
    public int? Keeps { get; init; }

    /// <summary>Where it begins again with other instructions and tools: what they are from here on.</summary>
    public AgentStart? Start { get; init; }
}

/// <summary>An agent that another one sets to work.</summary>
/// <param name="Session">Its name in samples.</param>
/// <param name="After">It begins when so many turns of its parent are done,</param>
/// <param name="Before">and the parent's turn of this number, from 0, waits for its end.</param>
/// <param name="Pause">How long it waits before its first turn.</param>
internal sealed record SubAgent(string Session, AgentTask Task, int After, int Before, TimeSpan Pause = default);

/// <summary>Where text of an agent comes from.</summary>
internal interface IAgentWords
{
    /// <summary>So many bytes of ASCII.</summary>
    /// <param name="seed">Another conversation says other words.</param>
    string OfLength(int bytes, int seed);
}
