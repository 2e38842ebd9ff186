using Microsoft.Extensions.Logging;
using Samovar.Engine;
using Samovar.Protocol.Errors;

namespace Samovar.Backends.Models;

/// <summary>The pool's one task.</summary>
internal sealed partial class ModelPool
{
    /// <summary>What it does next.</summary>
    private abstract record Step
    {
        private Step() { }

        public sealed record Measure(ModelSlot Slot) : Step;
        public sealed record Load(ModelSlot Slot) : Step;
        public sealed record Unload(ModelSlot Slot, string Reason) : Step;

        /// <param name="Most">When something may be due though nobody asks.</param>
        public sealed record Wait(TimeSpan Most) : Step;
        public sealed record Stop : Step;
    }

    private async Task WorkAsync()
    {
        await Task.Yield(); // nothing of it is the constructor's
        while (true)
        {
            Step step;
            Task work;
            lock (_lock)
            {
                if (_work.Task.IsCompleted) _work = NewWork();
                work = _work.Task;
                step = _isStopping ? new Step.Stop() : Next();
            }
            switch (step)
            {
                case Step.Measure(var slot): await MeasureAsync(slot); break;
                case Step.Load(var slot): await LoadAsync(slot); break;
                case Step.Unload(var slot, var reason):
                    Log.Unloads(_logger, slot.Name, reason);
                    await UnloadAsync(slot);
                    break;
                case Step.Wait(var most): await WaitAsync(work, most); break;
                default: return;
            }
        }
    }

    private async Task WaitAsync(Task work, TimeSpan most)
    {
        try { await work.WaitAsync(most, _time); }
        catch (TimeoutException) { /* something is due */ }
    }

    /// <summary>Under the lock.</summary>
    private Step Next()
    {
        if (IdleForLong() is { } idle) return new Step.Unload(idle, "idle");
        foreach (var slot in _queue.Slots.Where(slot => !IsWanted(slot)).ToList()) _queue.Remove(slot);
        while (_queue.Next is { } next)
        {
            if (next.Model is not null) // it was to give way, and nobody needs its room any more
            {
                _queue.Take(next);
                next.GivesWay = false;
                Grant(next);
            }
            else if (next.BytesNeeded is not { } needed) return new Step.Measure(next);
            else if (!_room.Holds(needed)) Fail(next, new EngineLoadException(_room.Fault(needed)));
            else if (_room.Holds(Held + needed)) return new Step.Load(next);
            else if (Victim() is { } victim) return new Step.Unload(victim, "room");
            else
            {
                next.RoomSince ??= _time.GetTimestamp();
                AskForRoom(next);
                break;
            }
        }
        return new Step.Wait(NextDue());
    }

    private ModelBytes Held =>
        _slots.Where(static slot => slot.IsHeld).Aggregate(default(ModelBytes), static (sum, slot) => sum + slot.Bytes);

    /// <summary>Whether anybody waits for it, or was told to come back for it and may still do so.</summary>
    private bool IsWanted(ModelSlot slot) => slot.Waiters.Count > 0 || _time.GetElapsedTime(slot.AskedAt) < WantedMax(slot);

    private TimeSpan WantedMax(ModelSlot slot) => Expected(slot) + _options.UnusedMin;

    private ModelSlot? IdleForLong() => _options.IdleMax == TimeSpan.Zero ? null
        : Array.Find(_slots, slot => slot is { Model: not null, Uses: 0 } && _time.GetElapsedTime(slot.UsedAt) >= _options.IdleMax);

    /// <summary>The model that goes: nobody uses it, and it was used longest ago.</summary>
    private ModelSlot? Victim() => _slots.Where(slot => slot is { Model: not null, Uses: 0 } && KeptFor(slot) <= TimeSpan.Zero)
        .MinBy(static slot => slot.UsedAt);

    /// <summary>How much longer a model stays for those who were told to come back for it.</summary>
    private TimeSpan KeptFor(ModelSlot slot) =>
        slot.WasUsed ? TimeSpan.Zero : _options.UnusedMin - _time.GetElapsedTime(slot.UsedAt);

    private void AskForRoom(ModelSlot next)
    {
        if (_time.GetElapsedTime(next.RoomSince!.Value) < _options.GiveWayAfter) return;
        if (Array.Exists(_slots, static slot => slot.GivesWay)) return;
        if (_slots.Where(static slot => slot is { Model: not null, Uses: > 0 }).MinBy(static slot => slot.Since) is { } busy)
            busy.GivesWay = true;
    }

    private TimeSpan NextDue()
    {
        var due = _slots.Where(static slot => slot is { Model: not null, Uses: 0 }).SelectMany(slot => new[]
        {
            _options.IdleMax == TimeSpan.Zero ? TimeSpan.MaxValue : _options.IdleMax - _time.GetElapsedTime(slot.UsedAt),
            _queue.Slots.Count > 0 && !slot.WasUsed ? KeptFor(slot) : TimeSpan.MaxValue,
        }).Concat(_queue.Slots.SelectMany(slot => new[]
        {
            slot.RoomSince is { } since && _options.GiveWayAfter - _time.GetElapsedTime(since) is { Ticks: > 0 } rest
                ? rest : TimeSpan.MaxValue,
            slot.Waiters.Count == 0 ? WantedMax(slot) - _time.GetElapsedTime(slot.AskedAt) : TimeSpan.MaxValue,
        })).Append(TimeSpan.MaxValue).Min();
        return due > LongestWait ? LongestWait : due < Soon ? Soon : due;
    }

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1); // a timer may come a moment early
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private async Task MeasureAsync(ModelSlot slot)
    {
        try
        {
            var bytes = await _loader.MeasureAsync(slot.Name);
            lock (_lock) slot.BytesNeeded = bytes;
        }
        catch (Exception exception) // one model's file: the others are served
        {
            lock (_lock) Fail(slot, exception);
        }
    }

    private async Task LoadAsync(ModelSlot slot)
    {
        var from = _time.GetTimestamp();
        lock (_lock)
        {
            slot.Bytes = slot.BytesNeeded!.Value;
            slot.Enter(ModelState.Loading, from);
            _queue.Take(slot);
        }
        Log.Loads(_logger, slot.Name);
        try
        {
            var model = await _loader.LoadAsync(slot.Name);
            var took = _time.GetElapsedTime(from);
            lock (_lock) Loaded(slot, model, took);
        }
        catch (Exception exception) // one model's file, or its memory: the others are served
        {
            lock (_lock) Fail(slot, exception);
            return;
        }
        await FitAsync(slot);
    }

    private void Loaded(ModelSlot slot, ILoadedModel model, TimeSpan took)
    {
        slot.Load(model, _time.GetTimestamp(), took);
        slot.GivesWay = true; // until it is known that it fits
        _times.Note(slot.Bytes.Total, took);
        var context = model.Engine.Model.ContextTokens;
        _models = [.. _models.Select(one => one.Name == slot.Name ? one with { ContextTokens = context } : one)];
        Log.Loaded(_logger, slot.Name, DurationText.Of(took), slot.Bytes.Total);
    }

    /// <summary>A file says only about what its model takes: where it is more, others make room, or it goes again.</summary>
    private async Task FitAsync(ModelSlot slot)
    {
        while (true)
        {
            ModelSlot? leaving;
            lock (_lock)
            {
                slot.WasUsed = false;
                leaving = _room.Holds(Held) ? null : Victim() ?? slot;
                if (leaving is null)
                {
                    slot.GivesWay = false;
                    Grant(slot);
                    return;
                }
            }
            await UnloadAsync(leaving);
            if (!ReferenceEquals(leaving, slot)) continue;
            lock (_lock) _queue.Add(slot); // now that its size is known, it waits for as much room
            return;
        }
    }

    private async Task UnloadAsync(ModelSlot slot)
    {
        ILoadedModel model;
        lock (_lock) model = slot.Unload(_time.GetTimestamp());
        try
        {
            await model.DisposeAsync();
        }
        catch (Exception exception) // its memory may be lost; the others are served
        {
            Log.UnloadFailed(_logger, slot.Name, exception);
        }
        lock (_lock) slot.Emptied(_time.GetTimestamp());
    }

    /// <summary>Under the lock.</summary>
    private void Fail(ModelSlot slot, Exception exception)
    {
        _queue.Remove(slot);
        slot.Fail(exception, _time.GetTimestamp());
        Log.Failed(_logger, slot.Name, exception.Message, exception is EngineLoadException ? null : exception);
        Refuse(slot, () => Failed(slot, _options.RetryAfter));
    }

    private static partial class Log
    {
        [LoggerMessage(6201, LogLevel.Information, "Model {Model} is being loaded")]
        public static partial void Loads(ILogger logger, string model);

        [LoggerMessage(6202, LogLevel.Information, "Model {Model} was loaded in {Time}; it takes {Bytes} bytes")]
        public static partial void Loaded(ILogger logger, string model, string time, long bytes);

        [LoggerMessage(6203, LogLevel.Information, "Model {Model} is unloaded: {Reason}")]
        public static partial void Unloads(ILogger logger, string model, string reason);

        [LoggerMessage(6204, LogLevel.Error, "Model {Model} could not be loaded: {Fault}")]
        public static partial void Failed(ILogger logger, string model, string fault, Exception? exception);

        [LoggerMessage(6205, LogLevel.Error, "Model {Model} did not give its memory back")]
        public static partial void UnloadFailed(ILogger logger, string model, Exception exception);
    }
}
