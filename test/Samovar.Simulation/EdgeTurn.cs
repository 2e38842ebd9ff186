using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>A turn at the node that has its client: <see cref="TurnPlacer"/> itself, on simulated rows and relays.</summary>
internal sealed class EdgeTurn : ITurnRelay
{
    private const int FullOneIn = 2;
    private static readonly TenantId Tenant = new("tea");
    private static readonly ClusterOptions Options = new();
    private readonly Life _life;
    private readonly SimTurn _turn;
    private readonly Action<string> _heard;
    private readonly Action<TurnEnd> _ended;
    private readonly Schedule _schedule;

    public EdgeTurn(Life life, SimTurn turn, Action<string> heard, Action<TurnEnd> ended)
    {
        (_life, _turn, _heard, _ended) = (life, turn, heard, ended);
        _schedule = life.Schedule;
    }

    public async Task GoAsync(TurnCourse course)
    {
        var placer = new TurnPlacer(
            new LifeRows(_life), _life, new EdgeRuns(_life), () => _life.Load(FullOneIn), Options, _schedule.Agenda.Random,
            _life.Time, NullLogger<TurnPlacer>.Instance);
        var known = course.Past == TurnPast.None ? _turn.Parent : _turn.Parent ?? _turn.Id;
        switch (await placer.PlaceAsync(Tenant, _turn.Id, known, course, this, CancellationToken.None))
        {
            case PlacedTurn.Here here:
                await new TurnRun(_life, _turn).GoAsync(here.Epoch, Kept(here.Past), _heard, _ended);
                break;
            case PlacedTurn.Join:
                _schedule.Audit.Count("join (at the edge)");
                _life.Runs[_turn.Id].Read(_heard, _ended);
                break;
            case PlacedTurn.Refused refused:
                _schedule.Audit.Count($"refused: {refused.Why}");
                _ended(TurnEnd.Failed);
                break;
        }
    }

    public async ValueTask<RelayEnd?> SendAsync(ClusterNode to, long epoch, TurnPast past, CancellationToken turnCancelled)
    {
        _schedule.Audit.Count(epoch == 0 ? "offer" : "relay");
        var target = _schedule.LifeOf(to.Incarnation);
        var (end, back) = await new Relay(_life, target, _turn, epoch, Kept(past), _heard).GoAsync();
        if (back is null) _ended(end);
        else _schedule.Audit.Count($"relay came back: {back.GetType().Name}");
        return back;
    }

    private TurnPast Kept(TurnPast past) => _schedule.Laws.LookFirst ? past : TurnPast.None;
}
