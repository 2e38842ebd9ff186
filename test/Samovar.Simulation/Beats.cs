using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>How nodes learn who is dead, themselves included: now and then, and late.</summary>
internal sealed class Beats(Schedule schedule, Life life)
{
    private const long IntervalMin = 200, IntervalMax = 3000;
    private const long HungAfter = 3000, LockFallsAfter = 2300;

    public async Task GoAsync()
    {
        while (true)
        {
            await life.PauseAsync(schedule.Agenda.Between(IntervalMin, IntervalMax));
            if (await life.AskAsync(Look) is not { IsThere: true, Value: NodeState.Dead }) continue;
            schedule.Audit.Count("learned that it is dead");
            schedule.Replace(life);
            return;
        }
    }

    private NodeState Look(Rows rows)
    {
        foreach (var node in rows.Nodes.ToList())
            if (node.State != NodeState.Dead && IsGone(schedule.LifeOf(node.Incarnation)) && rows.Move(node.Incarnation, NodeState.Dead))
                schedule.Audit.Count("declared dead");
        return rows.StateOf(life.Incarnation);
    }

    private bool IsGone(Life peer) =>
        peer.IsKilled || schedule.Agenda.Now - peer.StoppedAt > HungAfter
        || schedule.Agenda.Now - schedule.Network.CutSince(peer, schedule.Rows) > LockFallsAfter;
}
