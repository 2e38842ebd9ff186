using Samovar.Bench.Links;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Transport;

/// <summary>What a run measures, in its order.</summary>
internal interface IRunPlan
{
    IEnumerable<PlannedRound> All();
}

/// <summary>What a run measures: every task over every transport, backend and link, so many rounds each.</summary>
/// <param name="Tasks">Of a size that the backend carries, each time the same.</param>
internal sealed record TransportPlan(
    Func<TransportBackend, IReadOnlyList<AgentTask>> Tasks, IReadOnlyList<TransportKind> Kinds, IReadOnlyList<TransportBackend> Backends,
    IReadOnlyList<LinkShape> Links, int Rounds) : IRunPlan
{
    /// <summary>Round by round, so that what changes on the machine meanwhile changes all of them.</summary>
    public IEnumerable<PlannedRound> All() =>
        from round in Enumerable.Range(1, Rounds)
        from link in Links
        from backend in Backends
        from task in Tasks(backend)
        from kind in Kinds
        where !(kind.IsDirect && backend.Speed is null) // nothing stands before an engine that is Samovar's own
        select new PlannedRound(new SampleCell(task.Name, kind.Name, backend.Name, link.Name), round, task, kind, backend, link);
}

internal sealed record PlannedRound(
    SampleCell Cell, int Round, AgentTask Task, TransportKind Kind, TransportBackend Backend, LinkShape Link);
