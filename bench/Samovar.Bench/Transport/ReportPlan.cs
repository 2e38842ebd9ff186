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

    /// <summary>Without Samovar and with it, whole histories and what is new; and the least that answers a claim.</summary>
    private static readonly TransportKind[]
        Spread =
        [
            TransportKind.HttpDirect, TransportKind.SocketDirect, TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.Socket,
        ],
        Least = [TransportKind.HttpDirect, TransportKind.Socket],
        Opened =
        [
            TransportKind.HttpWhole, TransportKind.HttpAhead, TransportKind.Socket, TransportKind.SocketAhead, TransportKind.SocketPosted,
        ];

    public IEnumerable<PlannedRound> All() =>
        Enumerable.Range(1, Rounds).SelectMany(round => Parts().Select(part => part(round)));

    private IEnumerable<Func<int, PlannedRound>> Parts()
    {
        AgentTask[] loop = [.. AgentTask.Loops.Where(task => task.Name == "loop-20")];
        AgentTask[] small = [.. AgentTask.Published.Take(1)];
        var (slow, several) = (ProviderCondition.One.Backend, ProviderCondition.Several.Backend);
        return
        [
            .. Part(loop, TransportKind.Usual, slow, LinkShape.Wan), // the longest first
            .. Part(loop, Spread, several, LinkShape.Wan),
            .. Part([Short], Apart, slow, LinkShape.Airplane),
            .. Part([Short], Least, several, LinkShape.Airplane),
            .. Part([Short], Apart, slow, LinkShape.Mobile),
            .. Part(AgentTask.Published, TransportKind.Usual, slow, LinkShape.Wan),
            .. Part(AgentTask.Published, Spread, several, LinkShape.Wan),
            .. Part([.. AgentTask.Published, .. loop], Least, ProviderCondition.ByPrefix.Backend, LinkShape.Wan),
            .. Part([.. AgentTask.Published, .. loop], Least, ProviderCondition.Fleet.Backend, LinkShape.Wan),
            .. Part([AgentTask.FirstTurn], Opened, slow, LinkShape.Wan),
            .. Part(loop, TransportKind.Usual, Named("provider-1000"), LinkShape.Lan),
            .. Part(small, Apart, Named("provider-1000"), LinkShape.Lan),
            .. HasEngine ? Part([Light], Apart, Named("engine"), LinkShape.Lan) : [],
        ];
    }

    private static TransportBackend Named(string name) => TransportBackend.All.First(backend => backend.Name == name);

    private static IEnumerable<Func<int, PlannedRound>> Part(
        IEnumerable<AgentTask> tasks, IEnumerable<TransportKind> kinds, TransportBackend backend, LinkShape link) =>
        from task in tasks
        from kind in kinds
        select (Func<int, PlannedRound>)(round => new PlannedRound(
            new SampleCell(task.Name, kind.Name, backend.Name, link.Name), round, task, kind, backend, link));
}
