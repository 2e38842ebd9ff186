using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>Turns that may outlive their readers, while they run and as long as their events can be read again.</summary>
internal sealed partial class RunningTurns : IDisposable
{
    private const int TurnBytes = 4096; // a turn's own objects, and places for its first events
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId, ResponseId), RunningTurn> _turns = [];
    private readonly Dictionary<(TenantId, string), RunningTurn> _keys = [];
    private readonly EndedTurns _over = new();
    private readonly KeptTasks _following = new();
    private readonly TurnPipeline _pipeline;
    private readonly IChainStore _store;
    private readonly ReplayBudget _budget;
    private readonly HandedChains _chains;
    private readonly ReplayOptions _options;
    private readonly IdSource _ids;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _sweep;
    private readonly long _ahead; // of readers that a turn waits for
    private long _resumed;

    public RunningTurns(TurnPipeline pipeline, IChainStore store, ReplayBudget budget, HandedChains chains, ReplayOptions options,
        IdSource ids, TimeProvider time, ILogger<RunningTurns> logger)
    {
        (_pipeline, _store, _budget, _chains) = (pipeline, store, budget, chains);
        (_options, _ids, _time, _logger) = (options, ids, time, logger);
        _ahead = Math.Min(pipeline.UnreadBytesMax, options.TurnBytesMax / 2);
        _sweep = time.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Turns that can be found, those that are over among them.</summary>
    public int Count { get { lock (_gate) return _turns.Count; } }

    /// <summary>Turns of which anything runs.</summary>
    public int Running => _following.Running;

    /// <summary>Bytes of events that are kept to be read again.</summary>
    public long Bytes => _budget.Bytes;

    /// <summary>What there is to be read again at the moment.</summary>
    public ReplayFigures Figures
    {
        get
        {
            lock (_gate)
                return new(_turns.Count - _over.Count, _over.Count, Bytes, _options.BytesMax, Interlocked.Read(ref _resumed));
        }
    }

    public RunningTurn? Find(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _turns.GetValueOrDefault((tenant, id));
    }

    /// <summary>The turn that its client has named so.</summary>
    public RunningTurn? Find(TenantId tenant, string key)
    {
        lock (_gate) return _keys.GetValueOrDefault((tenant, key));
    }

    /// <summary>
    /// Begins a turn that its reader may lose; where the client has named it, and that name's turn is here, it is that one, and nothing
    /// begins.
    /// </summary>
    /// <param name="request">The turn, with its lane's parents.</param>
    /// <param name="previous">The turn that it follows by itself, which learns of it.</param>
    /// <param name="follow">Called with the turn before it runs, and whether another began it; to be detached when its connection is done
    /// with it.</param>
    /// <param name="hold">Takes what is given back when nothing of the turn runs any more, where one begins.</param>
    public TurnHandle BeginOrJoin(
        TurnRequest request, RunningTurn? previous, Action<RunningTurn, bool> follow, Func<IDisposable> hold)
    {
        var lane = request.Parents;
        var parents = new HandedParents(new StoredParents(request.Tenant, _store), _chains, MadeBy(request.Tenant));
        var turn = Make(new ReplayOwner(request.Tenant, request.Flow), ResponseId.New(_ids), parents, request.Request.ResumeKey);
        if (Enter(turn) is { } known)
        {
            try { known.Attach(lane); }
            catch (ApiException crowded)
            {
                return TurnHandle.Refused(crowded, request.Began);
            }
            known.NoteResumed();
            follow(known, true);
            previous?.NoteNext(known);
            return HandleOf(known, request.Began);
        }
        follow(turn, false);
        return Begin(turn, request, previous, hold);
    }

    /// <summary>A turn that another node sends here under its name, not begun; to be entered, and begun by <see cref="Begin"/>.</summary>
    public RunningTurn MakeRelayed(ReplayOwner owner, ResponseId id) => Make(owner, id,
        new HandedParents(new StoredParents(owner.Tenant, _store), _chains, MadeBy(owner.Tenant)), key: null);

    /// <summary>Begins a turn that was entered, with one reader.</summary>
    /// <inheritdoc cref="BeginOrJoin" path="/param"/>
    public TurnHandle Begin(RunningTurn turn, TurnRequest request, RunningTurn? previous, Func<IDisposable> hold)
    {
        turn.Attach(request.Parents);
        var logs = new LogRoom(_budget.Logs, request.Flow);
        var held = hold();
        var begun = request with { Id = turn.Id, Parents = turn.Parents!, Logs = logs, Resumes = () => turn.Resumes };
        var handle = _pipeline.Begin(begun, CancellationToken.None);
        turn.Follow(handle);
        Keep(FollowAsync(turn, previous, handle, new Held(logs, held)));
        return handle;
    }

    /// <summary>The turn as a reader sees it that did not begin it.</summary>
    public static TurnHandle HandleOf(RunningTurn turn, TaskCompletionSource<EventLog>? began)
    {
        var log = new EventLog(turn.Id, new LogBounds(0)); // its events are read elsewhere
        var closed = CloseAsync(turn.Ended, log);
        began?.TrySetResult(log);
        return TurnHandle.Of(began?.Task ?? Task.FromResult(log), closed, turn.Cancel);
    }

    /// <summary>Puts a turn among those that can be found.</summary>
    /// <returns>The turn that has its name already; null where none has.</returns>
    public RunningTurn? Enter(RunningTurn turn)
    {
        lock (_gate)
        {
            if (_turns.TryGetValue((turn.Owner.Tenant, turn.Id), out var known)) return known;
            if (turn.Key is { } key)
            {
                if (_keys.TryGetValue((turn.Owner.Tenant, key), out known)) return known;
                _keys.Add((turn.Owner.Tenant, key), turn);
            }
            _turns.Add((turn.Owner.Tenant, turn.Id), turn);
        }
        _budget.Take(turn.Owner, TurnBytes);
        return null;
    }

    /// <summary>A background turn, not begun.</summary>
    /// <param name="isStreamed">Whether its events may be read again.</param>
    /// <param name="parents">What it sees of chains while no socket reads it.</param>
    public RunningTurn MakeBackground(ReplayOwner owner, bool isStreamed, IParentSource parents)
    {
        var id = ResponseId.New(_ids);
        return new RunningTurn(owner, id, LogOf(owner, id, isStreamed ? _options.TurnBytesMax : 0, ahead: null), _options, _time)
        {
            IsBackground = true,
            Resumed = CountResumed,
            IsStreamed = isStreamed,
            Parents = new HandedParents(parents, _chains),
        };
    }

    /// <remarks>Apart from where it is needed: it lives as long as the turn is kept, and must not hold the turn's request.</remarks>
    private Func<ResponseId, ChainNode?> MadeBy(TenantId tenant) => id => Find(tenant, id)?.Parents?.Made;

    private RunningTurn Make(ReplayOwner owner, ResponseId id, HandedParents parents, string? key) =>
        new(owner, id, LogOf(owner, id, _options.TurnBytesMax, _ahead), _options, _time)
        {
            Key = key, Parents = parents, Resumed = CountResumed,
        };

    private void CountResumed() => Interlocked.Increment(ref _resumed);

    private ReplayLog LogOf(ReplayOwner owner, ResponseId id, long bytesMax, long? ahead) =>
        new(id, bytesMax, ahead, bytes => TryTake(owner, bytes), bytes => Take(owner, bytes));

    /// <summary>The turn is over, and can be read for a time.</summary>
    public void Over(RunningTurn turn)
    {
        turn.Over();
        lock (_gate)
        {
            if (!_turns.ContainsKey((turn.Owner.Tenant, turn.Id))) return;
            _over.Add(turn, _time.GetTimestamp());
            if (_over.Count == 1) _sweep.Change(_options.KeptFor, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The turn can be found no more, and nothing of it is kept.</summary>
    public void Remove(RunningTurn turn)
    {
        lock (_gate)
        {
            if (!_turns.Remove((turn.Owner.Tenant, turn.Id))) return; // somebody else was quicker
            if (turn.Key is { } key) _keys.Remove((turn.Owner.Tenant, key));
            _over.Remove(turn);
        }
        turn.Dispose();
        _budget.GiveBack(turn.Owner, TurnBytes);
    }

    /// <summary>Ends when nothing of any turn runs any more that was begun here, those that begin meanwhile included.</summary>
    public Task IdleAsync() => _following.IdleAsync();

    public void Dispose() => _sweep.Dispose();

    /// <summary>Keeps the work of following a turn until it is over.</summary>
    public void Keep(Task following) => _following.Add(following);

    /// <summary>Never faults: whatever breaks, those who wait for the turn or for its beginning learn of it.</summary>
    private async Task FollowAsync(RunningTurn turn, RunningTurn? previous, TurnHandle handle, Held held)
    {
        try
        {
            var log = await handle.Began;
            previous?.NoteNext(turn);
            await turn.RecordAsync(log, static _ => Task.CompletedTask);
            await handle.Ended;
            Over(turn);
        }
        catch (Exception exception) // the turn
        {
            if (exception is not ApiException) Log.Broke(_logger, turn.Id, exception);
            previous?.NoteNext(null); // where it was refused
            turn.Refusal = exception as ApiException ?? new ApiException(Errors.Internal);
            Remove(turn); // nothing was made of it that could be read
            handle.Cancel();
            await handle.Ended; // until then it runs, and has what is held for it
        }
        finally
        {
            held.Dispose(); // nothing here has the request any more: not before
        }
    }

    /// <summary>What a turn has while anything of it runs.</summary>
    private sealed record Held(LogRoom Logs, IDisposable Request) : IDisposable
    {
        public void Dispose()
        {
            Logs.Dispose();
            Request.Dispose();
        }
    }

    private static async Task CloseAsync(Task ended, EventLog log)
    {
        await ended;
        log.Close();
    }

    private bool TryTake(ReplayOwner owner, long bytes)
    {
        while (!_budget.TryTake(owner, bytes))
        {
            RunningTurn? oldest;
            var ofAll = _budget.IsNodeFull(owner.Tenant, bytes);
            lock (_gate)
            {
                oldest = (ofAll ? _over.Oldest : _over.OldestOf(owner.Tenant))?.Turn; // what one holds too much of costs nobody else
                if (oldest is null) return false;
            }
            Remove(oldest);
        }
        return true;
    }

    private void Take(ReplayOwner owner, long bytes)
    {
        if (bytes >= 0) _budget.Take(owner, bytes);
        else _budget.GiveBack(owner, -bytes);
    }

    private void Sweep()
    {
        var gone = new List<RunningTurn>();
        lock (_gate)
        {
            while (_over.Oldest is var (turn, since))
            {
                var left = _options.KeptFor - _time.GetElapsedTime(since);
                if (left > TimeSpan.Zero)
                {
                    _sweep.Change(left, Timeout.InfiniteTimeSpan);
                    break;
                }
                _over.Remove(turn);
                gone.Add(turn);
            }
        }
        foreach (var turn in gone) Remove(turn);
    }

    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Error, "The events of response {ResponseId} could not be kept")]
        public static partial void Broke(ILogger logger, ResponseId responseId, Exception exception);
    }
}
