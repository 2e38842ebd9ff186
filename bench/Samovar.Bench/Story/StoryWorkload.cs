using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Story;

/// <summary>Plays the story: all of its turns beside each other, each over a link of its own.</summary>
internal sealed class StoryWorkload(StoryPlan plan, RunFolder folder, LinkMethod method)
{
    /// <summary>Names of the workloads in samples.</summary>
    public const string Session = "airplane-story", Uncut = "airplane-uncut", Again = "airplane-again", ReadOn = "airplane-read-on";

    private const int Round = 1;
    private static readonly TransportBackend Backend = TransportBackend.All[0];

    public async Task RunAsync(CancellationToken stop)
    {
        var left = Cells().Where(cell => !folder.IsFinished(cell.Key, Round)).ToList();
        if (left.Count == 0) return;
        await using var host = await TransportHost.StartAsync(Backend, "", ("Store:Kind", "sqlite")); // background needs one that lasts
        var measured = await Task.WhenAll(left.Select(async cell => (cell.Key, Turns: await Task.WhenAll(cell.Select(turn =>
            turn.RunAsync(host.AddressOf(turn.Kind), cell.Key.Workload != Session, method, stop))))));
        foreach (var (cell, turns) in measured) folder.Add(cell, Round, turns.Select(turn => turn.Sample));
        folder.Describe(folder.Facts with { LinkMethod = measured[0].Turns[0].LinkMethod });
    }

    private IEnumerable<IGrouping<SampleCell, StoryTurn>> Cells() =>
        plan.Kinds.SelectMany(kind => plan.Turns.Select(turn => (Session, kind, turn, AfterCut.None)).Concat(Cuts(kind)))
            .Select(((string Workload, TransportKind Kind, int Turn, AfterCut After) one, int index) => new StoryTurn(plan,
                new SampleCell(one.Workload, one.Kind.Name, Backend.Name, LinkShape.Airplane.Name),
                one.Kind, one.Turn, Seed: index + 1, one.After))
            .GroupBy(turn => turn.Cell);

    /// <summary>Chat Completions and whole histories over HTTP have no name for an answer that could be read on.</summary>
    private IEnumerable<(string Workload, TransportKind Kind, int Turn, AfterCut After)> Cuts(TransportKind kind) =>
    [
        (Uncut, kind, plan.CutTurn, AfterCut.None),
        (Again, kind, plan.CutTurn, AfterCut.Again),
        .. kind.SendsAll ? [] : new[] { (ReadOn, kind, plan.CutTurn, AfterCut.ReadOn) },
    ];
}
