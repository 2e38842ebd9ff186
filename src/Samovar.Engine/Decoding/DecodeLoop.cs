using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Samovar.Engine.Native;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>The engine's one thread: it alone touches the context, the streams and the trees.</summary>
/// <remarks>
/// Each round: 1 take in what others dropped; 2 end turns that were cancelled or gave way; 3 hand over what readers now have room for;
/// 4 give waiting turns streams; 5 plan; 6 decode one token of every decoding turn; 7 compute one chunk of one prompt. With nothing to do
/// it sleeps until woken. Each turn's part of a step stands alone: one that breaks fails, and the round goes on.
/// </remarks>
internal sealed class DecodeLoop : IDisposable
{
    private const int FaultsMax = 3; // rounds that break one after the other before those who wait fail, too
    private readonly LlamaContext _context;
    private readonly StreamPlacer _placer;
    private readonly TurnTable _turns;
    private readonly TurnQueue _queue;
    private readonly TurnPlacement _placement;
    private readonly TurnEnder _ender;
    private readonly TokenChooser _chooser;
    private readonly StepClock _clock;
    private readonly ThreadGovernor _decodeThreads;
    private readonly ThreadGovernor _prefillThreads;
    private readonly ThreadGovernor _loneThreads; // a single token's attention splits its sums by threads
    private readonly LoopSettings _settings;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<Action> _questions = new(); // bounded by who asks: one at a time each
    private readonly AutoResetEvent _woken = new(false);
    private readonly List<TurnRun> _decoding = [];
    private readonly List<BatchCandidate> _planned = [];
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private long _sentAt;

    public DecodeLoop(LlamaContext context, StreamPlacer placer, StreamTable streams, TurnQueue queue, TokenChooser chooser,
        TurnSpeed speed, LoopSettings settings)
    {
        (_context, _placer, _queue, _chooser) = (context, placer, queue, chooser);
        (_settings, _meters, _time, _turns) = (settings, settings.Meters, settings.Time, new TurnTable(streams.Slots.Count));
        _ender = new TurnEnder(_turns, queue, placer, _meters, speed, _time, Pins);
        _placement = new TurnPlacement(_turns, queue, placer, streams, _meters, _ender, _time);
        (_decodeThreads, _prefillThreads) = (new ThreadGovernor(settings.Threads), new ThreadGovernor(settings.Threads));
        _loneThreads = new ThreadGovernor(settings.DecodeThreads, settings.AreThreadsFixed);
        _clock = new StepClock(settings.DecodeDelayMax, settings.BatchTokens);
        _thread = new Thread(Run) { Name = "samovar-engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The pins that this engine gave out.</summary>
    public PinHome Pins { get; } = new();

    /// <summary>Called after each round: tokens decoded by running turns, and prompt tokens computed. For tests.</summary>
    public Action<int, int>? RoundDone { get; set; }

    /// <summary>There is something to do: a turn came, was cancelled, or can be read on.</summary>
    public void Wake() => _woken.Set();

    /// <summary>Has something answered between two rounds, by the engine's thread. What is asked must be short.</summary>
    public void Ask(Action question)
    {
        _questions.Enqueue(question);
        _woken.Set();
    }

    /// <summary>Cancels every turn, waits for the thread, and ends what was handed over too late.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _woken.Set();
        _thread.Join(); // the event is left to the collector: a late Cancel may still set it
    }

    private void Run()
    {
        _context.Own();
        var faults = 0;
        while (true)
        {
            try
            {
                var isBusy = Step();
                faults = 0;
                if (isBusy) continue;
            }
            catch (Exception exception) // a fault of ours must not leave turns hanging: they fail, their streams are emptied
            {
                foreach (var turn in _turns.Running.ToArray()) Fail(turn, DecodeResult.Broken, exception.ToString());
                if (++faults < FaultsMax) continue;
                foreach (var turn in _queue.InTurn) _ender.End(turn, EngineTurnEndKind.Failed, exception.ToString());
            }
            if (_isStopping && IsOver()) return;
            _woken.WaitOne();
        }
    }

    /// <summary>Whether the thread may stop. A token that nobody reads holds up no end, wherever its turn was.</summary>
    private bool IsOver()
    {
        foreach (var turn in _turns.Unread) turn.Cancel();
        _turns.Unread.RemoveAll(static turn => turn.Flush());
        return _queue.IsEmpty && _turns.Unread.Count == 0;
    }

    private bool Step()
    {
        // :: 1-2
        Pins.TakeDropped();
        while (_questions.TryDequeue(out var question)) question();
        EndGone();
        // :: 3-4
        _turns.Unread.RemoveAll(static turn => turn.Flush());
        foreach (var turn in _turns.Running) turn.NoteRound();
        _placement.PlaceWaiting();
        Observe();
        return Round();
    }

    private void EndGone()
    {
        foreach (var turn in _queue.TakeGaveWay()) _ender.End(turn, EngineTurnEndKind.Refused);
        if (_isStopping)
            foreach (var turn in _turns.Running.Concat(_turns.Unread)) turn.Cancel();
        foreach (var turn in _queue.InTurn)
        {
            turn.Flush(); // one whose stream was taken back while its reader was behind
            if (_isStopping) _ender.End(turn, EngineTurnEndKind.Cancelled);
            else if (turn.IsGone is { } kind) _ender.End(turn, kind);
        }
        for (var index = _turns.Running.Count - 1; index >= 0; index--)
            if (_turns.Running[index].IsGone is { } kind) _ender.End(_turns.Running[index], kind);
    }

    private bool Round()
    {
        _chooser.BeginRound(_turns.Running.Count);
        var isChoosing = ChooseOn();
        // :: 5
        _decoding.Clear();
        _planned.Clear();
        foreach (var turn in _turns.Running)
        {
            if (turn.IsDecoding) _decoding.Add(turn);
            var used = Math.Min(_queue.Used(turn.Spec.Flow), turn.AwaitedUsed);
            _planned.Add(new BatchCandidate(turn.IsSpeaking, turn.PrefillLeft, turn.Waited, used));
        }
        var plan = BatchPlanner.Prefill(CollectionsMarshal.AsSpan(_planned), _settings.BatchTokens, _clock.ChunkTokens);
        var prefilling = plan is { } chosen ? _turns.Running[chosen.Turn] : null;
        if (_decoding.Count == 0 && prefilling is null) return isChoosing;
        foreach (var turn in _turns.Running)
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
        foreach (var turn in turns)
        {
            turn.FirstBatch ??= _time.GetTimestamp();
            _context.Add(turn.NextToken, turn.Slot!.Length, turn.Slot.Index, output: true);
        }
        var result = Send(turns.Count == 1 ? _loneThreads : _decodeThreads);
        if (result == DecodeResult.Done)
        {
            foreach (var turn in turns) Decoded(turn);
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
        var began = _time.GetTimestamp();
        turn.FirstBatch ??= began;
        _context.ClearBatch();
        for (var index = 0; index < tokens; index++)
            _context.Add(turn.Token(slot.Length + index), slot.Length + index, slot.Index, output: false);
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
        _context.Wait(); // so that the time below is the whole step's
        var ended = _time.GetTimestamp();
        var added = Advance(turn, tokens, tokens);
        turn.Timeline?.Prefilled(began, ended, added, isLast: false);
        if (turn.IsWarmedUp) _ender.End(turn, EngineTurnEndKind.OutputLimit);
        _clock.Prefilled(tokens, _time.GetElapsedTime(began, ended));
    }

    /// <summary>The prompt's last token is decoded as a sampled one is.</summary>
    private void Decoded(TurnRun turn)
    {
        var added = Advance(turn, 1, TurnRun.DecodedTokenCost);
        if (added > 0) turn.Timeline?.Prefilled(_sentAt, _time.GetTimestamp(), added, isLast: true);
    }

    private int Advance(TurnRun turn, int tokens, int cost)
    {
        if (turn.Advance(tokens, out var added)) _meters.PrefilledTokens += tokens;
        _queue.Charge(turn, cost);
        return added;
    }

    private DecodeResult Send(ThreadGovernor governor)
    {
        _meters.Batches++;
        _sentAt = _time.GetTimestamp();
        var result = _context.Decode(governor.Threads);
        if (result == DecodeResult.Done) governor.Stepped(_time.GetElapsedTime(_sentAt).TotalSeconds / _context.BatchCount);
        return result;
    }

    /// <summary>Goes on with the choices that an earlier round left open.</summary>
    private bool ChooseOn()
    {
        if (!_turns.Running.Exists(static turn => turn.IsChoosing)) return false; // nearly always: nothing is allocated for it
        foreach (var turn in _turns.Running.FindAll(static turn => turn.IsChoosing)) Choose(turn, turn.Sampler!.OpenLogits);
        return true;
    }

    private void Choose(TurnRun turn, ReadOnlySpan<float> logits)
    {
        try
        {
            if (_chooser.Next(turn, logits) is not { } step)
            {
                if (turn.IsChoosing) return;
                _ender.End(turn, EngineTurnEndKind.Failed, turn.GrammarFault ?? "The decoded batch has no logits.");
                return;
            }
            if (turn.FirstSampled is null) Sampled(turn);
            turn.Publish(step);
            _meters.OutputTokens++;
            if (_chooser.EndOf(turn, step) is { } kind) _ender.End(turn, kind);
        }
        catch (Exception exception) // one turn's token: the others of the batch have theirs
        {
            _ender.End(turn, EngineTurnEndKind.Failed, exception.ToString());
        }
    }

    private void Sampled(TurnRun turn)
    {
        var now = _time.GetTimestamp();
        turn.FirstSampled = now;
        turn.Timeline?.Sampled(now);
    }

    private void Fail(TurnRun turn, DecodeResult result, string? cause = null)
    {
        if (result == DecodeResult.Broken && turn.Slot is { } slot) _placer.Forget(slot);
        _ender.End(turn, EngineTurnEndKind.Failed,
            cause ?? $"libllama could not decode a batch ({result}). {LlamaLibrary.TakeError()}".TrimEnd());
    }

    private void Observe()
    {
        Volatile.Write(ref _meters.TurnsQueued, _queue.Count);
        Volatile.Write(ref _meters.TurnsRunning, _turns.Running.Count);
        _settings.Occupancy(_meters);
    }
}

/// <summary>What the loop needs besides its neighbours.</summary>
internal sealed record LoopSettings(
    EngineMeters Meters, TimeProvider Time, Action<EngineMeters> Occupancy, int BatchTokens, int Threads, TimeSpan DecodeDelayMax)
{
    /// <summary>Threads of a turn that decodes alone.</summary>
    public required int DecodeThreads { get; init; }

    /// <summary>Whether these are always as many.</summary>
    public required bool AreThreadsFixed { get; init; }
}
