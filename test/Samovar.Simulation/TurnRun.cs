using Samovar.Cluster;

namespace Samovar.Simulation;

/// <summary>A turn at the node that owns its tree: from the look at what may exist of it to its append and its end.</summary>
internal sealed class TurnRun(Life life, SimTurn turn)
{
    private const int FailsOneIn = 30; // whatever the reason: an engine, a tool
    private readonly Schedule _schedule = life.Schedule;
    private readonly Run _run = new(turn);

    public async Task GoAsync(long epoch, TurnPast past, Action<string> heard, Action<TurnEnd> ended)
    {
        _run.Epoch = epoch;
        life.Runs[turn.Id] = _run; // in the same moment as the decision: another copy finds it
        _run.Read(heard, ended);
        _run.Finish(await RunAsync(epoch, past));
    }

    private async Task<TurnEnd> RunAsync(long epoch, TurnPast past)
    {
        if (past != TurnPast.None)
        {
            var stored = await life.AskAsync(rows => rows.Find(turn.Id));
            if (!stored.IsThere) return TurnEnd.Failed;
            if (stored.Value is { } row) return Told(row);
            if (past == TurnPast.WasHeard) return TurnEnd.Failed;
        }
        if (!await ReadChainAsync()) return TurnEnd.Failed;
        return await GenerateAsync(_schedule.Audit.NewOutput(turn.Id)) is { } output ? await AppendAsync(output, epoch) : TurnEnd.Failed;
    }

    private TurnEnd Told(SimRow row)
    {
        _schedule.Audit.Count("told from the rows");
        _run.Tell(row.Output);
        return new TurnEnd(row.Output);
    }

    private async Task<bool> ReadChainAsync()
    {
        if (turn.Parent is not { } parent) return true;
        var path = await life.AskAsync(rows => rows.Path(parent));
        if (path.IsThere) _schedule.Audit.Context(turn, path.Value!);
        return path.IsThere;
    }

    private async Task<string?> GenerateAsync(string output)
    {
        await life.PauseAsync(_schedule.Agenda.Between(10, 500));
        for (var parts = _schedule.Agenda.Between(1, 6); parts > 0; parts--)
        {
            if (_run.IsCancelled || !life.Standing.MayEnd) return null;
            _run.Tell(output);
            await life.PauseAsync(_schedule.Agenda.Between(10, 600));
        }
        return _run.IsCancelled || _schedule.Agenda.OneIn(FailsOneIn) ? null : output;
    }

    private async Task<TurnEnd> AppendAsync(string output, long epoch)
    {
        if (!life.Standing.MayEnd) return TurnEnd.Failed;
        var row = new SimRow(turn.Id, turn.Parent, turn.Root, output);
        var answer = await life.AskAsync(rows => rows.Append(row, life.Incarnation, epoch));
        if (!answer.IsThere) _schedule.Start(life.InsistAsync(rows => rows.TakeBack(row, life.Incarnation, epoch)));
        return answer is { IsThere: true, Value: Appended.Stored } && life.Standing.MayEnd ? new TurnEnd(output) : TurnEnd.Failed;
    }
}
