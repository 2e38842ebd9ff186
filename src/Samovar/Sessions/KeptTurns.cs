using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Turns of a connection that may outlive it: it begins them, or reads those that another one began.</summary>
/// <remarks>
/// What follows a turn by itself is begun by the lane that was spoken to, once. Whoever reads the turn elsewhere reads that one behind it.
/// </remarks>
/// <param name="grace">How long the connection asks for its turns to go on once it is lost; null: it does not.</param>
/// <param name="elsewhere">Reads what other nodes run; null: there are none.</param>
internal sealed class KeptTurns(
    TenantId tenant, IChainStore store, RunningTurns running, TimeSpan? grace, CancellationToken connectionGone,
    PeerReading? elsewhere = null)
{
    /// <summary>Whether a frame asks for a turn that may be there already, so that its cancel ends that one.</summary>
    public bool Has(QueuedFrame queued) =>
        queued.Resumes is not null || queued.Request.ResumeKey is { } key && running.Find(tenant, key) is not null;

    public TurnHandle Begin(QueuedFrame queued, TurnRequest request)
    {
        return running.BeginOrJoin(request, queued.Previous, Follow, queued.Claim.Share);

        void Follow(RunningTurn turn, bool isBegunElsewhere)
        {
            if (isBegunElsewhere) queued.Steers.AwaitOutcome();
            queued.Source.Read(turn, after: -1, isBegunElsewhere);
            queued.Left = () => turn.Detach(request.Parents, grace);
        }
    }

    public TurnHandle Resume(QueuedFrame queued, ResponseId response, long after, IParentSource lane)
    {
        var turn = running.Find(tenant, response);
        if (elsewhere is not null && turn is null or { Epoch: not null }) // of another node's client: another may have it by now
        {
            var cancelled = new CancellationTokenSource(); // never disposed: no timer, no link
            return TurnHandle.Of(queued.Began, ReadElsewhereAsync(queued, response, after, lane, cancelled.Token), cancelled.Cancel);
        }
        return turn is not null ? Read(queued, turn, after, lane)
            : new TurnHandle(queued.Began, RefuseAsync(queued, response, after, isKnown: false), turn: null);
    }

    private TurnHandle Read(QueuedFrame queued, RunningTurn turn, long after, IParentSource lane)
    {
        if (!turn.Log.Reaches(after))
            return new TurnHandle(queued.Began, RefuseAsync(queued, turn.Id, after, isKnown: true), turn: null);
        try { turn.Attach(lane); }
        catch (ApiException crowded)
        {
            return TurnHandle.Refused(crowded, queued.Beginning);
        }
        queued.Left = () => turn.Detach(lane, grace);
        queued.Steers.AwaitOutcome();
        turn.NoteResumed();
        queued.Source.Read(turn, after, isBegunElsewhere: true);
        return RunningTurns.HandleOf(turn, queued.Beginning);
    }

    /// <summary>What is read next where a lane has read a turn that another began; null where nothing follows it.</summary>
    public static async Task<QueuedFrame?> FollowerAsync(QueuedFrame ended, CancellationToken connectionGone)
    {
        if (!ended.Source.IsFollowedElsewhere) return null;
        if (await NextAsync(ended.Source.Turn!.Next, connectionGone) is not { } next || !next.Log.Reaches(-1))
        {
            ended.Steers.End(new SteerOutcome.Failed([], new ApiException(Errors.TurnCancelled)) { Number = 0 });
            return null;
        }
        var follower = new QueuedFrame(ended.Request, isBare: false, ended.ArrivedAt, ended.Claim)
        {
            Resumes = (next.Id, -1), IsSuccessor = true,
        };
        ended.Steers.End(new SteerOutcome.Followed(follower.Began, follower.Source, follower.Steers, []) { Number = 0 });
        return follower;
    }

    private static async Task<RunningTurn?> NextAsync(Task<RunningTurn?> next, CancellationToken connectionGone)
    {
        try { return await next.WaitAsync(connectionGone); }
        catch (OperationCanceledException) { return null; }
    }

    private async Task ReadElsewhereAsync(
        QueuedFrame queued, ResponseId response, long after, IParentSource lane, CancellationToken cancelled)
    {
        try
        {
            if (await elsewhere!.FindHereAsync(response, after) is { } here)
            {
                var reading = Read(queued, here, after, lane);
                using var registration = cancelled.UnsafeRegister(static reading => ((TurnHandle)reading!).Cancel(), reading);
                await reading.Ended.WaitAsync(connectionGone);
                return;
            }
            if (await elsewhere.TryAsync(queued, response, after, lane, cancelled)) return;
        }
        catch (OperationCanceledException) when (connectionGone.IsCancellationRequested)
        {
            queued.Refuse(new ApiException(Errors.TurnCancelled)); // where it has not begun
            return;
        }
        catch (ApiException error)
        {
            queued.Refuse(error);
            return;
        }
        await RefuseAsync(queued, response, after, isKnown: false);
    }

    private async Task<ChainNode?> RefuseAsync(QueuedFrame queued, ResponseId response, long after, bool isKnown)
    {
        try
        {
            isKnown = isKnown || await store.FindExcerptAsync(tenant, response, isHead: false, connectionGone) is not null;
            queued.Refuse(isKnown ? new ApiException(Errors.EventsExpired, [response, after + 1], "starting_after")
                : new ApiException(Errors.ResponseNotFound, response, "response_id"));
        }
        catch (ApiException away)
        {
            queued.Refuse(away);
        }
        catch (OperationCanceledException)
        {
            queued.Refuse(new ApiException(Errors.TurnCancelled)); // its connection is gone
        }
        return null;
    }
}
