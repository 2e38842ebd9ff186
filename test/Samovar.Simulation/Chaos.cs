using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>What happens to nodes, to the lines between them and to the database.</summary>
internal sealed class Chaos(Schedule schedule)
{
    private const long PauseMin = 200, PauseMax = 5000, TroubleMax = 12_000, DrainMax = 6000;
    private readonly Agenda _agenda = schedule.Agenda;
    private readonly Network _network = schedule.Network;

    public async Task GoAsync()
    {
        while (_agenda.Now < Schedule.ChaosEnd)
        {
            await _agenda.PauseAsync(_agenda.Between(PauseMin, PauseMax));
            if (schedule.Lives is []) continue;
            Strike(_agenda.Pick(schedule.Lives), _agenda.Pick(schedule.Lives), _agenda.Between(100, TroubleMax));
        }
        _network.MendAll();
        foreach (var life in schedule.Lives.ToList()) life.Wake();
    }

    private void Strike(Life life, Life other, long length)
    {
        switch (_agenda.Between(0, 6))
        {
            case 0:
                schedule.Replace(life);
                break;
            case 1:
                life.Stop();
                _agenda.After(length, life.Wake);
                break;
            case 2 when life != other:
                Cut(life, other, length);
                break;
            case 3:
                Cut(life, schedule.Rows, length);
                break;
            case 4:
                _network.IsRowsAway = true;
                _agenda.After(length, () => _network.IsRowsAway = false);
                break;
            case 5:
                life.Do(() => schedule.Start(DrainAsync(life)));
                break;
            default: // its peers are wrong about it
                if (schedule.Rows.Move(life.Incarnation, NodeState.Dead)) schedule.Audit.Count("declared dead wrongly");
                break;
        }
    }

    private void Cut(object one, object other, long length)
    {
        _network.Cut(one, other);
        _agenda.After(length, () => _network.Mend(one, other));
    }

    private async Task DrainAsync(Life life)
    {
        if (!life.Standing.MayBegin) return;
        schedule.Audit.Count("drain");
        life.Standing.Drain();
        await life.InsistAsync(rows => rows.Move(life.Incarnation, NodeState.Draining));
        var until = _agenda.Now + _agenda.Between(0, DrainMax);
        while (_agenda.Now < until && life.Runs.Values.Any(run => run.End is null)) await life.PauseAsync(50);
        await life.AskAsync(rows => rows.Move(life.Incarnation, NodeState.Dead));
        schedule.Replace(life);
    }
}
