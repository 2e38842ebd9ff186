using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Samovar.Engine.Native;
using Samovar.Engine.Sampling;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>The engine's one thread: it alone touches the context, the streams and the trees.</summary>
/// <remarks>
/// Each round: 1 take in what others handed over; 2 end cancelled turns; 3 give waiting turns streams; 4 hand over what readers now have
/// room for; 5 plan; 6 decode one token of every decoding turn; 7 compute one chunk of one prompt. With nothing to do it sleeps until
/// woken.
/// </remarks>
internal sealed class DecodeLoop : IDisposable
{
    private readonly LlamaContext _context;
    private readonly StreamPlacer _placer;
    private readonly TurnEnder _ender;
    private readonly TokenChooser _chooser;
    private readonly StepClock _clock;
    private readonly ThreadGovernor _decodeThreads;
    private readonly ThreadGovernor _prefillThreads;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly Action<EngineMeters> _occupancy;
    private readonly ConcurrentQueue<TurnRun> _handedOver = new(); // bounded by the engine's admission
    private readonly ConcurrentQueue<HeldPath> _dropped = new();   // bounded by the pins there are
    private readonly AutoResetEvent _woken = new(false);
    private readonly List<TurnRun> _waiting = [];
    private readonly List<TurnRun> _running = [];
    private readonly List<TurnRun> _unread = [];
    private readonly List<TurnRun> _decoding = [];
    private readonly List<PlannedTurn> _planned = [];
    private readonly int _batchTokens;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public DecodeLoop(LlamaContext context, StreamPlacer placer, TurnEnder ender, TokenChooser chooser, LoopSettings settings)
    {
        (_context, _placer, _ender, _chooser) = (context, placer, ender, chooser);
        (_meters, _time, _occupancy, _batchTokens) = (settings.Meters, settings.Time, settings.Occupancy, settings.BatchTokens);
        (_decodeThreads, _prefillThreads) = (new ThreadGovernor(settings.Threads), new ThreadGovernor(settings.Threads));
        _clock = new StepClock(settings.DecodeDelayMax, settings.BatchTokens);
        _thread = new Thread(Run) { Name = "samovar-engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told after each round: tokens decoded by running turns, and prompt tokens computed. For tests.</summary>
    public Action<int, int>? RoundDone { get; set; }

    public void HandOver(TurnRun turn)
    {
        _handedOver.Enqueue(turn);
        Wake();
    }

    public void Drop(HeldPath pin) => _dropped.Enqueue(pin);

    public void Wake() => _woken.Set();

    /// <summary>Cancels every turn, waits for the thread, and ends what was handed over too late.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _woken.Set();
        _thread.Join(); // the event is left to the collector: a late Cancel may still set it
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                if (Turn()) continue;
            }
            catch (Exception exception) // a fault of ours must not leave turns hanging: they fail, their streams are emptied
            {
                foreach (var turn in _running.ToArray()) Fail(turn, DecodeResult.Broken, exception.ToString());
                continue;
            }
            if (_isStopping && _waiting.Count + _running.Count + _unread.Count == 0 && _handedOver.IsEmpty) return;
            _woken.WaitOne();
        }
    }

    private bool Turn()
    {
        // :: 1-2
        TakeIn();
        if (_isStopping)
            foreach (var turn in _waiting.Concat(_running).Concat(_unread)) turn.Cancel();
        EndCancelled();
        // :: 3-4
        PlaceWaiting();
        _unread.RemoveAll(turn => turn.Flush());
        foreach (var turn in _running) turn.Flush();
        Observe();
        return Round();
    }

    private void TakeIn()
    {
        while (_dropped.TryDequeue(out var pin))
            if (pin.Segment is { } segment) segment.Pins--;
        while (_handedOver.TryDequeue(out var turn)) _waiting.Add(turn);
    }

    private void EndCancelled()
    {
        for (var index = _waiting.Count - 1; index >= 0; index--)
            if (_waiting[index].IsCancelled) End(_waiting[index], EngineTurnEndKind.Cancelled);
        for (var index = _running.Count - 1; index >= 0; index--)
            if (_running[index].IsCancelled) End(_running[index], EngineTurnEndKind.Cancelled);
    }

    private void PlaceWaiting()
    {
        for (var index = 0; index < _waiting.Count;)
        {
            var turn = _waiting[index];
            if (turn.Fault is { } fault) End(turn, EngineTurnEndKind.Failed, fault);
            else if (turn.PromptTokens == 0) End(turn, EngineTurnEndKind.OutputLimit);
            else if (_placer.TryPlace(turn))
            {
                _waiting.RemoveAt(index);
                _running.Add(turn);
                _meters.PromptTokens += turn.PromptTokens;
                _meters.CachedTokens += turn.CachedTokens;
                if (turn.PrefillLeft == 0) End(turn, EngineTurnEndKind.OutputLimit); // a warm-up of what is warm
            }
            else index++;
        }
    }

    private bool Round()
    {
        _chooser.BeginRound(_running.Count);
        var isChoosing = ChooseOn();
        // :: 5
        _decoding.Clear();
        _planned.Clear();
        foreach (var turn in _running)
        {
            if (turn.IsDecoding) _decoding.Add(turn);
            _planned.Add(new PlannedTurn(turn.IsDecoding, turn.PrefillLeft, turn.Waited));
        }
        var plan = BatchPlanner.Prefill(CollectionsMarshal.AsSpan(_planned), _batchTokens, _clock.ChunkTokens);
        var prefilling = plan is { } chosen ? _running[chosen.Turn] : null;
        if (_decoding.Count == 0 && prefilling is null) return isChoosing;
        foreach (var turn in _running)
            if (turn.PrefillLeft > 0) turn.Waited = ReferenceEquals(turn, prefilling) ? 0 : turn.Waited + 1;
        // :: 6-7
        var decoded = _decoding.Count;
        if (decoded > 0) Decode(_decoding);
        if (prefilling is not null) Prefill(prefilling, plan!.Value.Tokens);
        RoundDone?.Invoke(decoded, plan?.Tokens ?? 0);
        return true;
    }

    private void Decode(List<TurnRun> turns)
    {
        _context.ClearBatch();
        foreach (var turn in turns) _context.Add(turn.Generated[^1], turn.Slot!.Length, turn.Slot.Index, output: true);
        var result = Send(_decodeThreads);
        if (result == DecodeResult.Done)
        {
            foreach (var turn in turns) turn.Slot!.Length++;
            for (var index = 0; index < turns.Count; index++) Choose(turns[index], _context.Logits(index));
        }
        else if (turns.Count > 1 && result != DecodeResult.Broken)
            foreach (var turn in turns.ToArray()) Decode([turn]);
        else
            foreach (var turn in turns) Fail(turn, result);
    }

    private void Prefill(TurnRun turn, int tokens)
    {
        var slot = turn.Slot!;
        var isLast = tokens == turn.PrefillLeft && turn.Spec.OutputTokensMax > 0;
        turn.Started ??= _time.GetTimestamp();
        var began = _time.GetTimestamp();
        _context.ClearBatch();
        for (var index = 0; index < tokens; index++)
            _context.Add(turn.PromptToken(slot.Length + index), slot.Length + index, slot.Index, isLast && index == tokens - 1);
        var result = Send(_prefillThreads);
        if (result == DecodeResult.NoRoom && tokens > 1)
        {
            Prefill(turn, tokens / 2);
            return;
        }
        if (result != DecodeResult.Done)
        {
            Fail(turn, result);
            return;
        }
        slot.Length += tokens;
        turn.PrefilledTokens += tokens;
        _meters.PrefilledTokens += tokens;
        if (isLast) Choose(turn, _context.Logits(tokens - 1)); // logits are awaited here, so that the time below is the whole step's
        else if (turn.PrefillLeft == 0) End(turn, EngineTurnEndKind.OutputLimit);
        _clock.Prefilled(tokens, _time.GetElapsedTime(began));
    }

    private DecodeResult Send(ThreadGovernor governor)
    {
        _meters.Batches++;
        var began = _time.GetTimestamp();
        var result = _context.Decode(governor.Threads);
        if (result == DecodeResult.Done) governor.Stepped(_time.GetElapsedTime(began).TotalSeconds / _context.BatchCount);
        return result;
    }

    /// <summary>Goes on with the choices that an earlier round left open.</summary>
    private bool ChooseOn()
    {
        var choosing = _running.Where(turn => turn.IsChoosing).ToList();
        foreach (var turn in choosing) Choose(turn, turn.Sampler!.OpenLogits);
        return choosing.Count > 0;
    }

    private void Choose(TurnRun turn, ReadOnlySpan<float> logits)
    {
        if (_chooser.Next(turn, logits) is not { } step)
        {
            if (!turn.IsChoosing) End(turn, EngineTurnEndKind.Failed, turn.GrammarFault ?? "The decoded batch has no logits.");
            return;
        }
        turn.FirstSampled ??= _time.GetTimestamp();
        turn.Publish(step);
        _meters.OutputTokens++;
        if (_chooser.EndOf(turn, step) is { } kind) End(turn, kind);
    }

    private void Fail(TurnRun turn, DecodeResult result, string? cause = null)
    {
        if (result == DecodeResult.Broken && turn.Slot is { } slot) _placer.Forget(slot);
        End(turn, EngineTurnEndKind.Failed, cause ?? $"libllama could not decode a batch ({result}). {LlamaLibrary.TakeError()}".TrimEnd());
    }

    private void End(TurnRun turn, EngineTurnEndKind kind, string? failure = null)
    {
        _waiting.Remove(turn);
        _running.Remove(turn);
        _ender.End(turn, kind, kind == EngineTurnEndKind.Failed ? failure : null);
        if (!turn.IsComplete) _unread.Add(turn);
    }

    private void Observe()
    {
        Volatile.Write(ref _meters.TurnsQueued, _waiting.Count);
        Volatile.Write(ref _meters.TurnsRunning, _running.Count);
        _occupancy(_meters);
    }
}

/// <summary>What the loop needs besides its neighbours.</summary>
internal sealed record LoopSettings(
    EngineMeters Meters, TimeProvider Time, Action<EngineMeters> Occupancy, int BatchTokens, int Threads, TimeSpan DecodeDelayMax);
