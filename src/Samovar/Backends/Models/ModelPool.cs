using Microsoft.Extensions.Logging;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;

namespace Samovar.Backends.Models;

/// <summary>
/// Owns the models of this process: loads each when it is first asked for, one at a time, and unloads the one that was used longest ago
/// where another needs its room. Whoever uses a model has a lease, and a model with leases stays. Safe for all threads.
/// </summary>
/// <remarks>
/// One task changes what is loaded; everybody else only asks and waits, each for a bounded time. What each state is for, and what ends it,
/// stands at <see cref="ModelState"/>. A model that waits for room while all others have turns does not wait for ever: after
/// <c>Models:GiveWayAfter</c> the one that has been loaded longest begins no more turns. One that was loaded for a client who was told to
/// come back is kept for it for <c>Models:UnusedMin</c>: two such clients would else take the room from each other and never get a turn.
/// </remarks>
internal sealed partial class ModelPool : IAsyncDisposable
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly IModelLoader _loader;
    private readonly ModelsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ModelSlot[] _slots;
    private readonly ModelRoom _room;
    private readonly ModelQueue _queue = new();
    private readonly LoadTimes _times = new();
    private readonly Task _working;
    private TaskCompletionSource _work = NewWork();
    private BackendModel[] _models;
    private bool _isStopping;

    /// <param name="isRoomGiven">Whether somebody set <c>Models:BytesMax</c>.</param>
    public ModelPool(
        IModelLoader loader, ModelsOptions options, TimeProvider time, ILogger<ModelPool> logger, bool isRoomGiven = true)
    {
        _room = new ModelRoom(options.BytesMax, isRoomGiven, () => loader.DeviceBytesMax);
        (_loader, _options, _time, _logger) = (loader, options, time, logger);
        _slots = [.. loader.Names.Select(static name => new ModelSlot(name))];
        _models = [.. loader.Names.Select(BackendModel.Named)];
        _working = WorkAsync();
    }

    /// <summary>All models, loaded or not.</summary>
    public IReadOnlyList<BackendModel> Models => Volatile.Read(ref _models);

    /// <summary>The files of the models that are loaded.</summary>
    public IReadOnlyList<IStateFiles> StateFiles
    {
        get { lock (_lock) return [.. _slots.SelectMany(static slot => slot.Model?.Backend.StateFiles ?? [])]; }
    }

    /// <summary>All models as they are now.</summary>
    public IReadOnlyList<ModelCondition> Conditions
    {
        get { lock (_lock) return [.. _slots.Select(slot => slot.Condition(_queue.Has(slot)))]; }
    }

    /// <summary>The use of a model, which is loaded first where it is not.</summary>
    /// <param name="waitMax">How long that may be waited for; with none the answer comes at once, and the load begins.</param>
    /// <exception cref="ApiException">It is still being loaded, could not be loaded, or too many wait.</exception>
    public async ValueTask<ModelLease> AcquireAsync(string name, FlowId flow, TimeSpan waitMax, CancellationToken caller)
    {
        caller.ThrowIfCancellationRequested();
        var slot = Array.Find(_slots, one => one.Name == name) ?? throw new ApiException(Errors.ModelNotFound, name, "model");
        ModelWaiter waiter;
        lock (_lock)
        {
            if (_isStopping) throw new ApiException(Errors.ServerStopping);
            if (slot is { Model: not null, GivesWay: false }) return Lease(slot);
            if (slot.State == ModelState.Failed && FailedFor(slot) is { } rest) throw Failed(slot, rest);
            (slot.AskedAt, slot.Asker) = (_time.GetTimestamp(), flow);
            if (slot.State != ModelState.Loading) _queue.Add(slot);
            _work.TrySetResult();
            if (waitMax == TimeSpan.Zero) throw Loading(slot);
            if (IsFull(flow)) throw Overloaded(slot);
            slot.Waiters.Add(waiter = new ModelWaiter(flow));
        }
        return await WaitAsync(slot, waiter, waitMax, caller);
    }

    /// <summary>Waits until a model that is to be there from the start is.</summary>
    /// <exception cref="ApiException">It could not be loaded; the cause says why.</exception>
    public async Task LoadAsync(string name, CancellationToken caller)
    {
        using var lease = await AcquireAsync(name, new FlowId("start"), Timeout.InfiniteTimeSpan, caller);
    }

    /// <summary>Who waits is refused, a load that runs is waited for, then all is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isStopping = true;
            foreach (var slot in _slots) Refuse(slot, static () => new ApiException(Errors.ServerStopping));
            _work.TrySetResult();
        }
        await _working;
        foreach (var slot in _slots)
            if (slot.Model is not null) await UnloadAsync(slot);
    }

    private async Task<ModelLease> WaitAsync(ModelSlot slot, ModelWaiter waiter, TimeSpan waitMax, CancellationToken caller)
    {
        using var late = new CancellationTokenSource(waitMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, caller);
        try
        {
            return await waiter.Lease.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            ApiException loading;
            lock (_lock)
            {
                if (!slot.Waiters.Remove(waiter)) waiter.GiveBack();
                loading = Loading(slot);
                _work.TrySetResult(); // what nobody waits for is not loaded
            }
            caller.ThrowIfCancellationRequested();
            throw loading;
        }
    }

    private bool IsFull(FlowId flow)
    {
        var waiting = _slots.Sum(static slot => slot.Waiters.Count);
        return waiting >= _options.WaitingMax
            || _slots.Sum(slot => slot.Waiters.Count(waiter => waiter.Flow == flow)) >= Math.Max(1, _options.WaitingMax / 2);
    }

    private ModelLease Lease(ModelSlot slot)
    {
        slot.Uses++;
        NoteUse(slot);
        return new ModelLease(slot.Model!, () => Return(slot));
    }

    private void Return(ModelSlot slot)
    {
        lock (_lock)
        {
            slot.Uses--;
            NoteUse(slot);
            if (slot.Uses == 0) _work.TrySetResult();
        }
    }

    private void NoteUse(ModelSlot slot) =>
        (slot.UsedAt, slot.LastUsed, slot.WasUsed) = (_time.GetTimestamp(), _time.GetUtcNow(), true);

    private void Grant(ModelSlot slot)
    {
        foreach (var waiter in slot.Waiters) waiter.Grant(Lease(slot));
        slot.Waiters.Clear();
    }

    private static void Refuse(ModelSlot slot, Func<ApiException> why)
    {
        foreach (var waiter in slot.Waiters) waiter.Refuse(why());
        slot.Waiters.Clear();
    }

    private TimeSpan? FailedFor(ModelSlot slot) =>
        _options.RetryAfter - _time.GetElapsedTime(slot.Since) is { Ticks: > 0 } rest ? rest : null;

    /// <summary>What is wrong stands in the log and in <c>/health</c>: paths are the operator's affair.</summary>
    private static ApiException Failed(ModelSlot slot, TimeSpan rest) =>
        new(Errors.ModelFailed, [slot.Name, DurationText.Wait(rest)], "model", rest, slot.Failure);

    private ApiException Loading(ModelSlot slot)
    {
        var wait = Expected(slot);
        return new ApiException(Errors.ModelLoading, [slot.Name, DurationText.Wait(wait)], "model", wait);
    }

    private ApiException Overloaded(ModelSlot slot)
    {
        var wait = Expected(slot);
        return new ApiException(Errors.ServerOverloaded, [DurationText.Wait(wait)], retryAfter: wait);
    }

    /// <summary>How long it will be until the model is there: the load that runs, and those that come before.</summary>
    private TimeSpan Expected(ModelSlot slot)
    {
        var sum = TimeSpan.Zero;
        foreach (var other in _slots)
            if (other.State == ModelState.Loading)
            {
                var rest = _times.Of(other) - _time.GetElapsedTime(other.Since);
                sum += rest > AtOnce ? rest : AtOnce;
            }
        if (slot.State != ModelState.Loading)
            foreach (var other in _queue.Slots)
            {
                sum += _times.Of(other);
                if (ReferenceEquals(other, slot)) break;
            }
        return LoadTimes.Bounded(sum);
    }

    private static TaskCompletionSource NewWork() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
