using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Running;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Relays;

/// <summary>Takes turns that other nodes send here for chains that this one owns, runs each once, and lets each be read as often as its
/// sender has to ask again.</summary>
internal sealed class RelayReception(
    ITreeRows rows, ICluster cluster, RunningTurns running, TurnPipeline pipeline, IChainStore store, ClusterMetrics metrics,
    Func<NodeLoad> load)
{
    /// <param name="sent">As it came.</param>
    /// <param name="request">What its client sent, read.</param>
    /// <param name="hold">Takes what is given back when nothing of the turn runs any more, where one begins.</param>
    /// <param name="caller">The sender is gone.</param>
    public async ValueTask<ReceivedTurn> ReceiveAsync(
        RelayedRequest sent, CreateRequest request, Func<IDisposable> hold, CancellationToken caller)
    {
        var turn = running.MakeRelayed(new ReplayOwner(sent.Tenant, sent.Flow), sent.Id);
        var work = new Work(running, pipeline, turn);
        var place = await new TurnReception(rows, cluster, work, load)
            .ReceiveAsync(sent.Tenant, sent.Id, sent.Known, sent.Epoch, sent.Past, sent.To, caller);
        metrics.Received(WordOf(place));
        switch (place)
        {
            case TurnPlace.Here here:
                return new ReceivedTurn.Running(Begin(turn, sent, request, new TurnPlacing(turn.Root, here.Epoch, here.Past), hold));
            case TurnPlace.Join when running.Find(sent.Tenant, sent.Id) is { } known:
                return new ReceivedTurn.Running(TakenTurn.Join(known, sent.After, Parents(sent.Tenant)));
            case TurnPlace.Refuse refuse:
                return new ReceivedTurn.Refused(refuse.Why);
            default:
                return new ReceivedTurn.Refused(PlaceRefusal.Moved); // it was let go in this moment: whoever sent it looks again
        }
    }

    /// <summary>A turn that can be read here. One that another node sent counts as long as its chain is this life's, under the epoch that
    /// it was sent under: where it was taken since, another node may have made it again, under the same name, and what is here is nothing
    /// any more. It is ended then. One that has come to its end is stored, whoever has its chain now.</summary>
    /// <param name="after">The last event that its reader has; -1 where it has none.</param>
    /// <returns>Null where it is not here, or its reader has more of it than was made here.</returns>
    /// <exception cref="ApiException">Whose the chain is cannot be asked now.</exception>
    public async ValueTask<RunningTurn?> FindAsync(TenantId tenant, ResponseId id, long after, CancellationToken readerGone)
    {
        var turn = running.Find(tenant, id);
        if (turn is not { Epoch: { } epoch, Root: { } root }) return turn;
        if (turn.Ended.IsCompleted && after >= turn.Log.NextNumber) return null;
        if (turn is { IsEnded: true, Status: ResponseStatus.Completed or ResponseStatus.Incomplete }) return turn;
        if (await IsOwnAsync(tenant, root, epoch, readerGone)) return turn;
        turn.Cancel(); // it is let go of as all that are over
        return null;
    }

    /// <summary>Ends a turn that was sent here, where it has not ended by itself.</summary>
    /// <param name="caller">The sender waits no longer for the answer.</param>
    /// <returns>Whether it is here, and what it has used: that counts where its client is.</returns>
    public async ValueTask<(bool IsHere, Usage? Spent)> CancelAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (running.Find(tenant, id) is not { } turn) return (false, null);
        var handle = turn.Handle;
        turn.Cancel();
        if (handle is not null) await handle.Ended.WaitAsync(caller);
        return (true, handle?.Spent ?? turn.Spent);
    }

    /// <summary>Tells a turn that was sent here what its client says to it, for which it ends early.</summary>
    /// <param name="name">What the node that has its client calls that; null for outputs of calls.</param>
    /// <param name="input">The items.</param>
    /// <exception cref="ApiException">It takes nothing.</exception>
    public void Say(TenantId tenant, ResponseId id, SteerId? name, IReadOnlyList<Item> input)
    {
        if (running.Find(tenant, id)?.Handle is not { } turn) throw new ApiException(Errors.ResponseCompleted, id);
        if (turn.NameSteer() is null) throw new ApiException(Errors.SteeringNotSupported, id);
        foreach (var output in name is null ? input.OfType<IToolOutput>() : []) turn.RequireAwaited(output.CallId!);
        ResponseEvent accepted = name is { } steer ? new ResponseEvent.SteerAccepted(steer, id) : new ResponseEvent.InjectCreated(id);
        if (!turn.TryTake(accepted)) throw new ApiException(Errors.ResponseCompleted, id);
        turn.EndEarly(isUrgent: name is not null, input);
    }

    /// <remarks>What begins a chain has no row before it is stored, and nobody else can have it until then.</remarks>
    private async ValueTask<bool> IsOwnAsync(TenantId tenant, ResponseId root, long epoch, CancellationToken readerGone)
    {
        try
        {
            return await rows.FindAsync(tenant, root, readerGone) is not { } tree
                || tree.Owner == cluster.Standing.Incarnation && tree.Epoch == Math.Max(epoch, 1);
        }
        catch (StoreAwayException away)
        {
            throw StoreCalls.Unavailable(away);
        }
    }

    private TakenTurn Begin(RunningTurn turn, RelayedRequest sent, CreateRequest request, TurnPlacing placing, Func<IDisposable> hold)
    {
        var parents = Parents(sent.Tenant);
        var handle = running.Begin(turn, new TurnRequest
        {
            Tenant = sent.Tenant,
            Flow = sent.Flow,
            Request = sent.Previous is null ? request : request with { PreviousResponseId = sent.Previous },
            Parents = parents,
            Placing = placing,
            CanBeSteered = sent.CanBeSteered,
            TakesOver = sent.IsBareFrame == true,
            Events = sent.Events,
            Client = sent.Client,
        }, previous: null, hold);
        return TakenTurn.Begun(turn, handle.Began, parents);
    }

    private static string WordOf(TurnPlace place) => place switch
    {
        TurnPlace.Here => "begun",
        TurnPlace.Join => "joined",
        _ => "refused",
    };

    private StoredParents Parents(TenantId tenant) => new(tenant, store);

    /// <summary>What is at work here, and the one that may begin.</summary>
    private sealed class Work(RunningTurns running, TurnPipeline pipeline, RunningTurn turn) : ITurnsAtWork
    {
        public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch)
        {
            (turn.Root, turn.Epoch) = (root, epoch);
            if (running.Enter(turn) is not { } known) return true;
            if (known.Epoch == epoch) return false;
            known.Cancel(); // its tree was taken meanwhile, and has come back: what it says counts no more
            running.Remove(known);
            return running.Enter(turn) is null;
        }

        public long? EpochOf(TenantId tenant, ResponseId id) => running.Find(tenant, id)?.Epoch;

        public bool IsBusy(TenantId tenant, ResponseId root) =>
            pipeline.Live.Of(tenant).Any(live => (live.Placing ?? live.Request.Placing)?.Root == root);
    }
}

/// <summary>What became of a turn that another node sent.</summary>
internal abstract record ReceivedTurn
{
    private ReceivedTurn() { }

    /// <summary>Nothing of it runs here.</summary>
    public sealed record Refused(PlaceRefusal Why) : ReceivedTurn;

    /// <summary>It runs here, or has run.</summary>
    /// <param name="Turn">To be disposed when its sender has read it, or is gone.</param>
    public sealed record Running(TakenTurn Turn) : ReceivedTurn;
}
