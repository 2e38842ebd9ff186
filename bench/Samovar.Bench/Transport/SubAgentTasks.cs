namespace Samovar.Bench.Transport;

/// <summary>
/// A parent that sets three agents to work after its first turn, goes on beside them, and waits for them before its last one. They have
/// the same instructions and tools and the same briefing, and then each its own task.
/// </summary>
internal static class SubAgentTasks
{
    private const int Agents = 3, AgentTurns = 6, ParentTurns = 5;
    private const int BriefingBytes = 6000, NewBytes = 1430, OutputBytes = 280;
    private static readonly AgentStart Start = new(InstructionBytes: 2000, ToolBytes: 2400);

    /// <summary>Over lanes of one WebSocket, and over a connection each; over HTTP both are the same.</summary>
    public static readonly IReadOnlyList<AgentTask> All =
    [
        Of("sub-agents-lanes", "a parent and 3 sub-agents, lanes of one connection") with { SharesSocket = true },
        Of("sub-agents-sockets", "a parent and 3 sub-agents, a connection each"),
    ];

    private static AgentTask Of(string name, string words) => new(name, words, Start, Steps(ParentTurns, NewBytes, null))
    {
        SubAgents = [.. Enumerable.Range(1, Agents).Select(number => new SubAgent($"agent-{number}",
            new AgentTask(name, words, Start, Steps(AgentTurns, BriefingBytes + NewBytes, new Briefed(number))),
            After: 1, Before: ParentTurns - 1))],
    };

    private static IReadOnlyList<AgentStep> Steps(int count, int firstBytes, Briefed? briefed) =>
    [
        new AgentStep(firstBytes, OutputBytes) { Words = briefed },
        .. Enumerable.Range(2, count - 1).Select(turn => new AgentStep(NewBytes, OutputBytes)
        {
            Words = briefed is null ? null : new OwnWords(briefed.Number, turn),
        }),
    ];

    /// <summary>What all agents are told, then what one of them is.</summary>
    private sealed record Briefed(int Number) : IAgentWords
    {
        public string OfLength(int bytes, int seed)
        {
            var shared = bytes * BriefingBytes / (BriefingBytes + NewBytes);
            return Excerpts.OfLength(shared, Excerpts.Seed(seed, 0)) + Excerpts.OfLength(bytes - shared, Excerpts.Seed(seed, Number));
        }
    }

    private sealed record OwnWords(int Agent, int Turn) : IAgentWords
    {
        public string OfLength(int bytes, int seed) => Excerpts.OfLength(bytes, Excerpts.Seed(seed, (Agent << 16) + Turn));
    }
}
