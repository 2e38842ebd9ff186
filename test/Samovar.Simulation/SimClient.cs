using Samovar.Cluster;
using Samovar.Protocol.Ids;

namespace Samovar.Simulation;

/// <summary>A client that continues its conversation through whatever node it comes to, and believes what it was told.</summary>
internal sealed class SimClient(Schedule schedule, string name)
{
    private const long PatienceMax = 40_000;
    private const int ResumesMax = 6, LastTriesMax = 10;
    private IReadOnlyList<ResponseId> _path = [];
    private int _turns;

    /// <summary>Whether it went on after all was mended.</summary>
    public bool IsDone { get; private set; }

    public async Task GoAsync()
    {
        while (schedule.Agenda.Now < Schedule.ChaosEnd)
        {
            await schedule.Agenda.PauseAsync(schedule.Agenda.Between(10, 1500));
            if (schedule.Agenda.OneIn(20)) _path = [];
            else if (schedule.Agenda.OneIn(8)) _path = schedule.Agenda.Pick(schedule.Paths); // two in one conversation
            await TurnAsync();
        }
        await schedule.Agenda.PauseAsync(Math.Max(0, Schedule.ChaosEnd + Schedule.MendTime - schedule.Agenda.Now));
        for (var tries = 0; tries < LastTriesMax && !IsDone; tries++)
        {
            await schedule.Agenda.PauseAsync(schedule.Agenda.Between(100, 1000));
            IsDone = await TurnAsync();
        }
    }

    /// <summary>A turn, and what its client does when the connection breaks: it asks for the rest elsewhere.</summary>
    private async Task<bool> TurnAsync()
    {
        var turn = new SimTurn(new ResponseId($"{name}-{++_turns}"), _path);
        var end = await SendAsync(turn, default(TurnCourse) with { MayBeginAnywhere = turn.Parent is null });
        for (var resumes = 0; end is null && resumes < ResumesMax; resumes++)
        {
            schedule.Audit.Count("resumed");
            await schedule.Agenda.PauseAsync(schedule.Agenda.Between(10, 500));
            end = await SendAsync(turn, default(TurnCourse) with { Past = TurnPast.WasHeard });
        }
        if (end is not { Output: { } output }) return false;
        schedule.Audit.Completed(turn.Id, output, schedule.Rows);
        schedule.Paths.Add(_path = [turn.Id, .. turn.Path]);
        return true;
    }

    /// <summary>Null where the connection ended before the turn.</summary>
    private async Task<TurnEnd?> SendAsync(SimTurn turn, TurnCourse course)
    {
        if (schedule.Lives is []) return null;
        var life = schedule.Agenda.Pick(schedule.Lives);
        var (isOpen, end) = (true, new TaskCompletionSource<TurnEnd?>());
        life.WhenGone(() => Close(null));
        var sentAt = schedule.Agenda.Now;
        schedule.Agenda.After(PatienceMax, Tire);
        schedule.Agenda.Travel(() => life.Do(() => schedule.Start(new EdgeTurn(
            life, turn, output => { if (isOpen) schedule.Audit.Heard(turn.Id, output); }, last => Close(last)).GoAsync(course))));
        return await end.Task;

        void Tire()
        {
            if (isOpen && !life.IsKilled && life.StoppedAt is null && life.WokeAt < sentAt)
                schedule.Audit.Broke($"{turn.Id} hangs at {life.Incarnation}, which computes.");
            Close(null);
        }

        void Close(TurnEnd? last)
        {
            isOpen = false;
            end.TrySetResult(last);
        }
    }
}
