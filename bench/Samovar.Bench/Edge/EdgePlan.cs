using Samovar.Bench.Links;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Edge;

/// <summary>An agent that knows only whole histories, on a bad link: alone, behind an edge, and behind one whose link is cut.</summary>
/// <param name="Results">Bytes of each tool result; a task for each size.</param>
/// <param name="Calls">Tool calls of a task.</param>
/// <param name="CutEvery">How often the link is cut in the last of the three ways.</param>
internal sealed record EdgePlan(LinkShape Link, IReadOnlyList<int> Results, int Calls, TimeSpan CutEvery, LinkMethod Method)
{
    private const int OutputBytes = 280;

    /// <summary>What a coding agent begins with.</summary>
    private const int InstructionBytes = 12_000, ToolBytes = 12_000;

    public IEnumerable<AgentTask> Tasks() => Results.Select(bytes => AgentTask.Even(
        $"calls-{Calls}-{bytes}", $"{Calls} tool calls", Calls, bytes, OutputBytes, InstructionBytes, ToolBytes));
}

/// <summary>How the agent reaches its server.</summary>
internal enum EdgeWay { Direct, Edge, EdgeCut }
