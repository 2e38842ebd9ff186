using Samovar.Engine;
using Samovar.Scheduling.Fairness;

namespace Samovar.Backends.Models;

/// <summary>One model of the pool: its state, who uses it and who waits for it. The pool's lock is held wherever this is touched.</summary>
internal sealed class ModelSlot(string name)
{
    private EngineCounters _past = new(); // of the times that it was loaded before

    public string Name => name;
    public ModelState State { get; set; }
    public ILoadedModel? Model { get; private set; }

    /// <summary>What it takes: as measured before, then as it is.</summary>
    public ModelBytes Bytes { get; set; }

    /// <summary>What it will take; null until that is measured.</summary>
    public ModelBytes? BytesNeeded { get; set; }
    public int Uses { get; set; }
    public List<ModelWaiter> Waiters { get; } = [];

    /// <summary>Whether it begins no more turns, to make room.</summary>
    public bool GivesWay { get; set; }

    /// <summary>Since when it waits for room that turns of others have.</summary>
    public long? RoomSince { get; set; }

    /// <summary>When it was asked for last, and by whom.</summary>
    public long AskedAt { get; set; }
    public FlowId Asker { get; set; }

    /// <summary>When its state began.</summary>
    public long Since { get; set; }
    public long UsedAt { get; set; }
    public DateTimeOffset? LastUsed { get; set; }

    /// <summary>Whether anybody has used it since it was loaded.</summary>
    public bool WasUsed { get; set; }
    public Exception? Failure { get; private set; }
    public TimeSpan? LoadTime { get; set; }
    public long Loads { get; private set; }
    public long Unloads { get; private set; }
    public long Failures { get; private set; }

    /// <summary>Whose turn it is when it is loaded: those who wait, and who asked last.</summary>
    public IEnumerable<FlowId> Askers => Waiters.Select(static waiter => waiter.Flow).Append(Asker);

    /// <summary>Whether its bytes count.</summary>
    public bool IsHeld => State is ModelState.Loading or ModelState.Loaded or ModelState.Unloading;

    public void Enter(ModelState state, long now) => (State, Since) = (state, now);

    public void Load(ILoadedModel model, long now, TimeSpan took)
    {
        (Model, Bytes, BytesNeeded, LoadTime) = (model, model.Bytes, model.Bytes, took);
        (UsedAt, WasUsed, Failure) = (now, false, null);
        Loads++;
        Enter(ModelState.Loaded, now);
    }

    public ILoadedModel Unload(long now)
    {
        var model = Model!;
        var ended = Add(_past, model.Engine.Counters);
        (_past, Model, GivesWay) = (CountsOf(ended), null, false);
        Unloads++;
        Enter(ModelState.Unloading, now);
        return model;
    }

    public void Emptied(long now)
    {
        Bytes = default;
        Enter(ModelState.Unloaded, now);
    }

    public void Fail(Exception failure, long now)
    {
        (Bytes, Failure) = (default, failure);
        Failures++;
        Enter(ModelState.Failed, now);
    }

    public ModelCondition Condition(bool isQueued) =>
        new(name, isQueued && State is ModelState.Unloaded or ModelState.Failed ? ModelState.Queued : State)
        {
            Engine = Model?.Engine,
            Bytes = IsHeld ? Bytes.Total : 0,
            DeviceBytes = IsHeld ? Bytes.Device : 0,
            Memory = Model?.Memory,
            Template = Model?.Template,
            Uses = Uses,
            Waiting = Waiters.Count,
            LastUsed = LastUsed,
            Loads = Loads,
            Unloads = Unloads,
            Failures = Failures,
            LoadTime = LoadTime,
            Fault = State == ModelState.Failed ? Failure?.Message : null,
            Counters = Model is { } model ? Add(_past, model.Engine.Counters) : _past,
        };

    /// <summary>Without what only a loaded model has.</summary>
    private static EngineCounters CountsOf(EngineCounters ended) => ended with
    {
        TurnsQueued = 0, TurnsRunning = 0, StreamsBusy = 0, StreamsHeld = 0, StreamTokens = 0, ParkedBytes = 0, ParkedBytesMax = 0,
        DiskBytes = 0, DiskBytesMax = 0,
    };

    /// <summary>What was counted before, and what is counted and held now.</summary>
    private static EngineCounters Add(EngineCounters past, EngineCounters now) => now with
    {
        Turns = past.Turns + now.Turns,
        PromptTokens = past.PromptTokens + now.PromptTokens,
        PrefilledTokens = past.PrefilledTokens + now.PrefilledTokens,
        CachedTokens = past.CachedTokens + now.CachedTokens,
        BackgroundTokens = past.BackgroundTokens + now.BackgroundTokens,
        DraftedTokens = past.DraftedTokens + now.DraftedTokens,
        AcceptedTokens = past.AcceptedTokens + now.AcceptedTokens,
        OutputTokens = past.OutputTokens + now.OutputTokens,
        Batches = past.Batches + now.Batches,
        Parks = past.Parks + now.Parks,
        Restores = past.Restores + now.Restores,
        Evictions = past.Evictions + now.Evictions,
        Refusals = past.Refusals + now.Refusals,
        Preemptions = past.Preemptions + now.Preemptions,
        DiskWrites = past.DiskWrites + now.DiskWrites,
        DiskReads = past.DiskReads + now.DiskReads,
        DiskTokens = past.DiskTokens + now.DiskTokens,
        DiskRefused = past.DiskRefused + now.DiskRefused,
        DiskFailures = past.DiskFailures + now.DiskFailures,
        DiskSkipped = past.DiskSkipped + now.DiskSkipped,
    };
}

/// <summary>Who is held until a model is loaded.</summary>
internal sealed class ModelWaiter(FlowId flow)
{
    private readonly TaskCompletionSource<ModelLease> _lease = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FlowId Flow => flow;
    public Task<ModelLease> Lease => _lease.Task;

    public void Grant(ModelLease lease) => _lease.SetResult(lease);

    public void Refuse(Exception why) => _lease.SetException(why);

    /// <summary>It was answered, but nobody waits for the answer any more.</summary>
    public void GiveBack()
    {
        if (_lease.Task.IsCompletedSuccessfully) _lease.Task.Result.Dispose();
        else _ = _lease.Task.Exception;
    }
}
