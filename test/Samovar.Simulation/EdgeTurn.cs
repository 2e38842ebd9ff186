using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>A turn at the node that has its client, by the real rules: <see cref="TurnPlacement"/>, <see cref="TurnCourse"/>.</summary>
internal sealed class EdgeTurn(Life life, SimTurn turn, Action<string> heard, Action<TurnEnd> ended)
{
    private const long PauseMin = 50, PauseMax = 400;
    private readonly Schedule _schedule = life.Schedule;

    public async Task GoAsync(TurnCourse course)
    {
        TreeOwner owner = turn.Parent is null && course.Past == TurnPast.None ? new TreeOwner.New() : await LookAsync();
        while (true)
        {
            course = course.AfterLook();
            switch (Decide(owner, course))
            {
                case TurnPlace.Here here:
                    await new TurnRun(life, turn).GoAsync(here.Epoch, here.Past, heard, ended);
                    return;
                case TurnPlace.Claim claim:
                    owner = await ClaimAsync(claim);
                    break;
                case TurnPlace.Relay relay:
                    if (await RelayAsync(relay, course.Past) is not { } back) return;
                    course = course.After(back, relay.Epoch);
                    if (TurnCourse.WantsPause(back)) await life.PauseAsync(_schedule.Agenda.Between(PauseMin, PauseMax));
                    owner = await LookAsync();
                    break;
                case TurnPlace.Refuse refuse:
                    _schedule.Audit.Count($"refused: {refuse.Why}");
                    ended(TurnEnd.Failed);
                    return;
                case var other:
                    throw new InvalidOperationException($"{other} is not for a client's turn.");
            }
        }
    }

    private TurnPlace Decide(TreeOwner owner, TurnCourse course) => TurnPlacement.Decide(new TurnFacts
    {
        Self = life.Incarnation, Standing = life.Standing.State, Owner = owner,
        Course = _schedule.Laws.LookFirst ? course : course with { Past = TurnPast.None },
    });

    private async Task<TreeOwner> LookAsync()
    {
        var answer = await life.AskAsync(rows => rows.OwnerOf(turn.Root));
        return answer.IsThere ? answer.Value! : new TreeOwner.Unknown();
    }

    private async Task<TreeOwner> ClaimAsync(TurnPlace.Claim claim)
    {
        var answer = await life.AskAsync(rows => rows.Claim(turn.Root, life.Incarnation, claim.Epoch, claim.IsForced));
        return answer is { IsThere: true, Value: { } epoch } ? new TreeOwner.Held(life.Incarnation, epoch, life.Row) : await LookAsync();
    }

    /// <summary>Null where the turn has ended.</summary>
    private async Task<RelayEnd?> RelayAsync(TurnPlace.Relay relay, TurnPast past)
    {
        _schedule.Audit.Count("relay");
        var target = _schedule.LifeOf(relay.To.Incarnation);
        var told = _schedule.Laws.LookFirst ? past : TurnPast.None;
        var (end, back) = await new Relay(life, target, turn, relay.Epoch, told, heard).GoAsync();
        if (back is null) ended(end);
        else _schedule.Audit.Count($"relay came back: {back.GetType().Name}");
        return back;
    }
}
