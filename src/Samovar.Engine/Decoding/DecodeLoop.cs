using Samovar.Engine.Native;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>The engine's one thread: it alone touches the context, the streams and the trees.</summary>
/// <remarks>
/// Each round: 1 take in what others dropped; 2 end turns that were cancelled or gave way; 3 hand over what readers now have room for;
/// 4 give waiting turns streams; 5 compute one chunk of one prompt; 6 decode the next tokens of every decoding turn. So all that comes
/// between two tokens of a turn is one round's, and has one budget. With nothing to do it sleeps until woken. Each turn's part of a step
/// stands alone: one that breaks fails, and the round goes on.
/// </remarks>
internal sealed class DecodeLoop : IDisposable
{
    private const int FaultsMax = 3; // rounds that break one after the other before those who wait fail, too
    private readonly LlamaContext _context;
    private readonly TurnTable _turns;
    private readonly TurnQueue _queue;
    private readonly TurnPlacement _placement;
    private readonly TurnEnder _ender;
    private readonly TokenChooser _chooser;
    private readonly RoundBudget _budget;
    private readonly TokenRounds _rounds;
    private readonly PromptRounds _prompts;
    private readonly LoopSettings _settings;
    private readonly EngineMeters _meters;
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _woken = new(false);
    private readonly List<TurnRun> _decoding = [];
    private readonly Func<TurnRun, double> _used;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public DecodeLoop(LlamaContext context, StreamPlacer placer, StreamTable streams, TurnQueue queue, TokenChooser chooser,
        Drafter drafter, LoopSettings settings)
    {
        (_context, _queue, _chooser) = (context, queue, chooser);
        (_settings, _meters, _time, _turns) = (settings, settings.Meters, settings.Time, new TurnTable(streams.Slots.Count));
        _ender = new TurnEnder(_turns, queue, placer, _meters, _time, Pins, settings.Retention);
        _budget = new RoundBudget(settings.DecodeDelayMax, settings.IsProcessor);
        _placement = new TurnPlacement(_turns, queue, placer, streams, _ender, _budget, settings);
        var sender = new BatchSender(context, _meters, _time);
        _rounds = new TokenRounds(context, _ender, chooser, drafter, queue, sender, settings);
        _prompts = new PromptRounds(context, _rounds, _ender, placer, sender, _budget, settings);
        _used = turn => Math.Min(queue.Used(turn.Spec.Flow), turn.Share.AwaitedUsed);
        Questions = new LoopQuestions(Wake);
        Pins.Wake = Wake;
        _thread = new Thread(Run) { Name = "samovar-engine", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The pins that this engine gave out.</summary>
    public PinHome Pins => _settings.Pins;

    /// <summary>What is done or answered between two rounds.</summary>
    public LoopQuestions Questions { get; }

    /// <summary>Called after each round: tokens decoded by running turns, and prompt tokens computed. For tests.</summary>
    public Action<int, int>? RoundDone { get; set; }

    /// <summary>There is something to do: a turn came, was cancelled, or can be read on.</summary>
    public void Wake() => _woken.Set();

    /// <summary>Has something done between two rounds, by the engine's thread. What is asked must be short.</summary>
    public void Ask(Action question) => Questions.Ask(question);

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
        _settings.Begin?.Invoke();
        var faults = 0;
        while (true)
        {
            try
            {
                var isBusy = Step();
                faults = 0;
                if (isBusy) Between();
                if (isBusy || (!_isStopping && _queue.IsEmpty && _settings.Idle?.Invoke() == true)) continue;
            }
            catch (Exception exception) // a fault of ours must not leave turns hanging: they fail, their streams are emptied
            {
                foreach (var turn in _turns.Running.ToArray()) _ender.Fail(turn, DecodeResult.Broken, exception.ToString());
                if (++faults < FaultsMax) continue;
                foreach (var turn in _queue.InTurn) _ender.End(turn, EngineTurnEndKind.Failed, exception.ToString());
            }
            if (_isStopping && IsOver()) break;
            _woken.WaitOne();
        }
        Questions.Close();
    }

    /// <summary>What is copied between two rounds delays the tokens of those who run as a chunk does.</summary>
    private void Between()
    {
        if (_settings.Between is not { } copy) return;
        var began = _time.GetTimestamp();
        try
        {
            copy();
        }
        catch (Exception) // one copy, which is tried again: whoever runs has nothing to do with it
        {
            Interlocked.Increment(ref _meters.DiskFailures);
        }
        _budget.Moved(_time.GetElapsedTime(began));
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
        Pins.TakeIn(_settings.Retention.Said);
        Questions.Answer();
        EndGone();
        // :: 3-4
        if (_placement.TakeInFromFiles()) _woken.Set(); // one piece a round
        _turns.Unread.RemoveAll(static turn => turn.Flush());
        foreach (var turn in _turns.Running) turn.NoteRound();
        if (_placement.PlaceWaiting()) _woken.Set();
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
            else if (_queue.IsOverdue(turn)) _ender.End(turn, EngineTurnEndKind.Refused);
        }
        for (var index = _turns.Running.Count - 1; index >= 0; index--)
            if (_turns.Running[index].IsGone is { } kind) _ender.End(_turns.Running[index], kind);
    }

    private bool Round()
    {
        _chooser.BeginRound(_turns.Running.Count);
        var isChoosing = _rounds.ChooseOn(_turns.Running);
        // :: 5
        var prefilled = _prompts.Compute(_turns.Running, _used);
        // :: 6
        _decoding.Clear();
        foreach (var turn in _turns.Running)
            if (turn.IsDecoding) _decoding.Add(turn);
        if (_decoding.Count == 0 && prefilled == 0) return isChoosing;
        var (decoded, began) = (0, _time.GetTimestamp());
        if (_decoding.Count > 0)
        {
            decoded = _rounds.Decode(_decoding, prefilled > 0 ? _prompts.Newest : null);
            _budget.Stepped(_time.GetElapsedTime(began));
        }
        RoundDone?.Invoke(decoded, prefilled);
        return true;
    }

    private void Observe()
    {
        Volatile.Write(ref _meters.TurnsQueued, _queue.Count);
        Volatile.Write(ref _meters.TurnsRunning, _turns.Running.Count);
        _settings.Occupancy(_meters);
    }
}
