using Samovar.Cluster;
using Samovar.Protocol.Ids;

namespace Samovar.Simulation;

/// <summary>A turn on its way to its owner and back, over a connection that may break in between.</summary>
internal sealed class Relay(Life edge, Life target, SimTurn turn, long epoch, TurnPast past, Action<string> heard)
{
    private const long LookEvery = 1000, RetransmitAfter = 200;
    private const int MissesMax = 2, FullOneIn = 4;
    private readonly TaskCompletionSource<(TurnEnd End, RelayEnd? Back)> _back = new();
    private readonly Schedule _schedule = edge.Schedule;
    private bool _isOpen = true, _wasHeard;

    public async Task<(TurnEnd End, RelayEnd? Back)> GoAsync()
    {
        if (target.IsKilled || IsCut && _schedule.Agenda.OneIn(2)) // a connection that was there takes the request, and loses it
        {
            await edge.PauseAsync(target.IsKilled ? 5 : LookEvery);
            return (default, new RelayEnd.NotReached());
        }
        Carry(() => target.Do(() => _schedule.Start(ArriveAsync())), evenIfClosed: true);
        _schedule.Start(WatchAsync());
        var back = await _back.Task;
        _isOpen = false;
        return back;
    }

    /// <summary>At the owner: <see cref="TurnReception"/> itself.</summary>
    private async Task ArriveAsync()
    {
        if (!_schedule.Laws.RelayedEpoch && target.EpochOf(new TenantId("tea"), turn.Id) is null) // it claims, as a client's turn does
        {
            await new EdgeTurn(target, turn, Hear, End).GoAsync(default(TurnCourse) with { Past = past });
            return;
        }
        var reception = new TurnReception(new LifeRows(target), target, target, () => target.Load(FullOneIn));
        switch (await reception.ReceiveAsync(
            new TenantId("tea"), turn.Id, turn.Parent ?? turn.Id, epoch, past, target.Incarnation, CancellationToken.None))
        {
            case TurnPlace.Here here:
                await new TurnRun(target, turn).GoAsync(here.Epoch, here.Past, Hear, End);
                break;
            case TurnPlace.Join:
                _schedule.Audit.Count("join");
                target.Runs[turn.Id].Read(Hear, End);
                break;
            case TurnPlace.Refuse refuse:
                Refuse(refuse.Why);
                break;
            case var other:
                throw new InvalidOperationException($"{other} is not for a relayed turn.");
        }
    }

    private void Hear(string output) => Carry(() => edge.Do(() =>
    {
        if (!_isOpen) return;
        _wasHeard = true;
        heard(output);
    }));

    private void End(TurnEnd end) => Carry(() => edge.Do(() => _back.TrySetResult((end, null))));

    private void Refuse(PlaceRefusal why) => Carry(() => edge.Do(() => _back.TrySetResult((default, new RelayEnd.Refused(why)))));

    /// <summary>As TCP does: again and again, until one side has given up.</summary>
    private void Carry(Action arrive, bool evenIfClosed = false) => _schedule.Agenda.Travel(() =>
    {
        if (!_isOpen && !evenIfClosed || _schedule.IsOver) return;
        if (!IsCut) arrive();
        else _schedule.Agenda.After(RetransmitAfter, () => Carry(arrive, evenIfClosed));
    });

    private async Task WatchAsync()
    {
        for (var misses = 0; _isOpen && misses < MissesMax;)
        {
            await edge.PauseAsync(LookEvery);
            misses = IsCut || target.StoppedAt is not null || target.IsKilled ? misses + 1 : 0;
            if (!IsCut && target.IsKilled) break;
        }
        if (!_isOpen) return;
        _back.TrySetResult((default, new RelayEnd.Broken(_wasHeard)));
        var isCancelled = _schedule.Agenda.OneIn(2); // whether it stops when its reader is gone
        Carry(() => target.Do(() =>
        {
            if (isCancelled && target.Runs.GetValueOrDefault(turn.Id) is { } run) run.IsCancelled = true;
        }), evenIfClosed: true);
    }

    private bool IsCut => _schedule.Network.IsCut(edge, target);
}
