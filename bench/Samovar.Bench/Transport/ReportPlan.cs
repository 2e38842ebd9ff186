using Samovar.Bench.Links;

namespace Samovar.Bench.Transport;

/// <summary>
/// What the default report measures: each published comparison under its conditions, and where transport and compute can be told apart; no
/// more than fits into some minutes on two cores. Rounds of all parts take turns.
/// </summary>
internal sealed record ReportPlan(int Rounds, bool HasEngine) : IRunPlan
{
    private static readonly TransportKind[] Apart =
        [TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.Socket, TransportKind.SocketBare];

    public IEnumerable<PlannedRound> All() => Parts(Rounds).SelectMany(part => part.All()).OrderBy(round => round.Round);

    private IEnumerable<TransportPlan> Parts(int rounds)
    {
        AgentTask[] loop = [.. AgentTask.Loops.Where(task => task.Name == "loop-20")];
        AgentTask[] small = [.. AgentTask.Published.Take(1)];
        yield return new TransportPlan(loop, TransportKind.All, [Backend("provider-65")], [LinkShape.Wan], rounds); // the longest first
        yield return new TransportPlan([AgentTask.Short], Apart, [Backend("provider-65")], [LinkShape.Airplane, LinkShape.Mobile], rounds);
        yield return new TransportPlan(AgentTask.Published, TransportKind.All, [Backend("provider-65")], [LinkShape.Wan], rounds);
        yield return new TransportPlan(loop, TransportKind.All, [Backend("provider-1000")], [LinkShape.Lan], rounds);
        yield return new TransportPlan(small, Apart, [Backend("provider-1000")], [LinkShape.Lan], rounds);
        if (HasEngine) yield return new TransportPlan([AgentTask.Light], Apart, [Backend("engine")], [LinkShape.Lan], rounds);
    }

    private static TransportBackend Backend(string name) => TransportBackend.All.First(backend => backend.Name == name);
}
