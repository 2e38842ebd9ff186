using Samovar.Bench.Links;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Transport;

/// <summary>
/// What the default report measures: each published comparison under its conditions, and where transport and compute can be told apart; no
/// more than fits into some minutes on two cores. Rounds of all parts take turns.
/// </summary>
internal sealed record ReportPlan(int Rounds, bool HasEngine) : IRunPlan
{
    /// <summary>As the loops, where a turn takes seconds; and one for an engine on few cores.</summary>
    private static readonly AgentTask
        Short = AgentTask.Even("loop-6", "6 tool calls", 6, 1430, 280),
        Light = AgentTask.Even("light-6", "6 small turns", 6, 240, 64, instructions: 240, tools: 240);

    private static readonly TransportKind[] Apart =
        [TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.Socket, TransportKind.SocketBare];

    public IEnumerable<PlannedRound> All() =>
        Enumerable.Range(1, Rounds).SelectMany(round => Parts().Select(part => part(round)));

    private IEnumerable<Func<int, PlannedRound>> Parts()
    {
        AgentTask[] loop = [.. AgentTask.Loops.Where(task => task.Name == "loop-20")];
        AgentTask[] small = [.. AgentTask.Published.Take(1)];
        return
        [
            .. Part(loop, TransportKind.All, "provider-65", LinkShape.Wan), // the longest first
            .. Part([Short], Apart, "provider-65", LinkShape.Airplane),
            .. Part([Short], Apart, "provider-65", LinkShape.Mobile),
            .. Part(AgentTask.Published, TransportKind.All, "provider-65", LinkShape.Wan),
            .. Part(loop, TransportKind.All, "provider-1000", LinkShape.Lan),
            .. Part(small, Apart, "provider-1000", LinkShape.Lan),
            .. HasEngine ? Part([Light], Apart, "engine", LinkShape.Lan) : [],
        ];
    }

    private static IEnumerable<Func<int, PlannedRound>> Part(
        IEnumerable<AgentTask> tasks, IEnumerable<TransportKind> kinds, string name, LinkShape link)
    {
        var backend = TransportBackend.All.First(backend => backend.Name == name);
        return
            from task in tasks
            from kind in kinds
            select (Func<int, PlannedRound>)(round => new PlannedRound(
                new SampleCell(task.Name, kind.Name, backend.Name, link.Name), round, task, kind, backend, link));
    }
}
