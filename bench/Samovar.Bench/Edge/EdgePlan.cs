using Samovar.Bench.Links;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Edge;

/// <summary>An agent that knows only whole histories, on a bad link: alone and behind an edge, where the link holds and where it is
/// cut.</summary>
/// <param name="Results">Bytes of each tool result; a task for each size.</param>
/// <param name="Calls">Tool calls of a task.</param>
/// <param name="CutEvery">From one cut to the next, where the link is cut.</param>
internal sealed record EdgePlan(LinkShape Link, IReadOnlyList<int> Results, int Calls, TimeSpan CutEvery, LinkMethod Method)
{
    private const int OutputBytes = 280;

    /// <summary>What a coding agent begins with.</summary>
    private const int InstructionBytes = 12_000, ToolBytes = 12_000;

    public IReadOnlyList<TransportKind> Kinds { get; init; } = [TransportKind.MessagesWhole, TransportKind.ChatWhole];
    public IReadOnlyList<EdgeWay> Ways { get; init; } = Enum.GetValues<EdgeWay>();

    /// <summary>How long the agent waits for a turn, and how often it asks for one before it gives its task up.</summary>
    public TimeSpan TurnMax { get; init; } = CellRun.TurnMax;
    public int TriesMax { get; init; } = 3;

    public IEnumerable<AgentTask> Tasks() => Results.Select(bytes => AgentTask.Even(
        $"{Calls} × {bytes}", $"{Calls} tool calls", Calls, bytes, OutputBytes, InstructionBytes, ToolBytes));
}

/// <summary>How the agent reaches its server.</summary>
internal enum EdgeWay { Direct, Edge, DirectCut, EdgeCut }
