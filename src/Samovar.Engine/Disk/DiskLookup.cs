using System.Runtime.CompilerServices;
using Samovar.Engine.Parking;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Brings state from the disk into host memory for turns that come soon, and those that wait to be placed. The engine's thread
/// only.</summary>
/// <remarks>
/// 1 a turn that is announced, or waits for a stream, has its files read at once: while others compute, before it asks. 2 a turn that is
/// to be placed waits while files that have much more of its prompt than anybody here are read, and longer for none than
/// <see cref="EngineOptions.DiskWaitMax"/>. 3 what was read is taken in piece by piece, between two rounds, and lies in host memory then,
/// as if it had been parked there. A disk that is slower than computing is not asked. What is read ahead has a part of host memory only:
/// else what comes would drive out what came. What has gone again all the same is read once more when its turn has a stream.
/// </remarks>
internal sealed class DiskLookup(
    SegmentTree tree, ParkedStore store, StateTraits traits, DiskIndex index, DiskReader reader, PrefillMeter prefill, EngineMeters meters,
    DiskTimes times)
{
    private const int TokensMin = 64; // less is computed sooner
    private const int TriesMax = 2;   // a file that could not be used is not there the second time
    private const int AnnouncedMax = 64, ComeMax = 256;
    private const int AheadShare = 2; // of host memory one part in so many for what is read before its turn has a stream
    private readonly SegmentOwners _owners = new(index.Uses);
    private readonly ConditionalWeakTable<object, Waiter> _waiters = [];
    private readonly List<Waiter> _reading = []; // bounded by the turns that wait, and those that are announced
    private readonly List<Waiter> _ahead = []; // read, or being read, before their turns have streams
    private readonly Queue<Segment> _come = new(); // for turns that were announced
    private readonly List<(DiskRead Read, long Until)> _late = [];
    private bool _isFull; // one did not fit beside what was read ahead

    /// <summary>Whether files can be read, and there is room for what is read ahead, as far as that is known.</summary>
    public bool MayReadAhead
    {
        get
        {
            if (_ahead.RemoveAll(waiter => !waiter.IsAhead(times)) > 0) _isFull = false;
            return !_isFull && reader.IsReady;
        }
    }

    /// <summary>A turn comes soon: whatever files have of its prompt is read. :: 1</summary>
    /// <param name="coming">The turn, or who announces it.</param>
    /// <param name="isWaiting">Whether the turn still waits for its stream; null: it is not here yet.</param>
    /// <returns>False where it did not fit: it is to be tried again when <see cref="MayReadAhead"/> says so.</returns>
    public bool Expect(object coming, DiskPrompt prompt, Func<bool>? isWaiting)
    {
        if (isWaiting is null && (!MayReadAhead || _reading.Count(static waiter => waiter.IsAnnounced) >= AnnouncedMax)) return true;
        if (prompt.Usable - prompt.Here < TokensMin || index.IsEmpty || IsHeldUp()) return true;
        if (!_waiters.TryGetValue(coming, out var waiter)) waiter = New(coming, prompt, isWaiting);
        else if (waiter.IsAsked || waiter.Tries > 0) return true;
        waiter.Until = times.Due();
        return TryBegin(waiter, prompt) || !_isFull;
    }

    /// <summary>Whether a turn is to wait for the disk. :: 2</summary>
    /// <param name="turn">The turn, by which it is known.</param>
    public bool IsAwaited(object turn, DiskPrompt prompt)
    {
        if (!_waiters.TryGetValue(turn, out var waiter))
        {
            if (prompt.Usable - prompt.Here < TokensMin || index.IsEmpty) return false;
            waiter = New(turn, prompt, isWaiting: null);
        }
        if (!waiter.IsAsked) (waiter.IsAsked, waiter.Until) = (true, times.Due()); // it may have waited for a stream until now
        if (waiter.Read is null) return TryBegin(waiter, prompt);
        if (!times.IsOver(waiter.Until)) return true;
        Leave(waiter);
        return false;
    }

    /// <summary>Takes in a piece that was read; false where there is none. :: 3</summary>
    /// <param name="now">The engine's turn count.</param>
    public bool TakeIn(long now)
    {
        foreach (var waiter in _reading)
        {
            if (waiter.Read!.TryTake(out var piece, out var body))
            {
                foreach (var other in _reading) // the disk goes on
                    if (ReferenceEquals(other, waiter) || !other.IsAsked) other.Until = times.Due();
                times.WakeAt(waiter.Until);
                Take(waiter, piece, body, now);
                return true;
            }
            if (waiter.Read.IsDone || times.IsOver(waiter.Until)) // its turn may be gone
            {
                Leave(waiter);
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether a turn's state came from the disk.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="from">Where it is now.</param>
    public bool HasCome(object turn, Segment from)
    {
        if (_waiters.TryGetValue(turn, out var waiter) && waiter.HasCome) return true;
        for (var at = from; _come.Count > 0 && at is { Parent: not null }; at = at.Parent)
            if (_come.Contains(at)) return true;
        return false;
    }

    /// <summary>Nobody waits any more. After the engine's thread.</summary>
    public void LeaveAll()
    {
        while (_reading is [var waiter, ..]) Leave(waiter);
    }

    private Waiter New(object turn, DiskPrompt prompt, Func<bool>? isWaiting)
    {
        var path = new PromptHashes(prompt.Scope, prompt.Tokens.ToArray());
        var waiter = new Waiter(path, new DiskArrival(tree, store, traits, _owners, prompt.Scope), isWaiting);
        _waiters.Add(turn, waiter);
        return waiter;
    }

    private bool TryBegin(Waiter waiter, DiskPrompt prompt)
    {
        if (waiter.Tries >= TriesMax || !reader.IsReady || IsHeldUp() || times.IsOver(waiter.Until)) return false;
        if (index.Plan(waiter.Path, prompt.Parked, prompt.Usable, traits.Checkpoints != CheckpointPart.None) is not { } plan
            || plan.Depth < prompt.Here + TokensMin || plan.Bytes > store.BytesMax) return false;
        if (reader.Pace.Seconds(plan.Bytes) > prefill.Cost.Seconds(prompt.Here, plan.Depth)) return false;
        times.WakeAt(waiter.Until);
        if (_reading.Exists(other => other.Read!.Plan.Pieces.Any(piece => plan.Pieces.Contains(piece)))) return true; // then it is here
        if (!waiter.IsAsked && !TryAddAhead(waiter, plan)) return false;
        (waiter.Tries, waiter.Here) = (waiter.Tries + 1, prompt.Here);
        waiter.Read = new DiskRead(plan, waiter.Path);
        _reading.Add(waiter);
        reader.Add(waiter.Read);
        return true;
    }

    private bool TryAddAhead(Waiter waiter, DiskPlan plan)
    {
        var bytes = _ahead.Sum(static other => other.Bytes);
        _isFull = bytes > 0 && bytes + plan.Bytes > store.BytesMax / AheadShare; // one alone may be larger
        if (_isFull) return false;
        waiter.Bytes = plan.Bytes;
        _ahead.Add(waiter);
        return true;
    }

    private void Take(Waiter waiter, DiskPiece piece, NativeBytes body, long now)
    {
        var before = waiter.Arrival.Depth;
        using (body)
            try
            {
                if (!waiter.Arrival.Take(waiter.Read!, piece, body, now)) Leave(waiter);
            }
            catch (Exception) // one turn's state: it is computed
            {
                Interlocked.Increment(ref meters.DiskFailures);
                Leave(waiter);
            }
        if (waiter.Arrival.Depth <= before) return;
        meters.DiskTokens += Math.Max(0, waiter.Arrival.Depth - Math.Max(before, waiter.Here));
        waiter.HasCome = true;
        if (!waiter.IsAnnounced) return;
        while (_come.Count >= ComeMax) _come.Dequeue();
        _come.Enqueue(waiter.Arrival.End!);
    }

    private void Leave(Waiter waiter)
    {
        if (waiter.Read is not { } read) return;
        if (!read.IsDone && times.IsOver(waiter.Until)) _late.Add((read, waiter.Until));
        read.Leave();
        _reading.Remove(waiter);
        waiter.Read = null;
        waiter.IsAsked &= !waiter.HasCome; // if that goes again before the turn has a stream, it waits anew
    }

    /// <summary>Whether the disk keeps somebody waiting who has given up: nobody else waits for it then.</summary>
    private bool IsHeldUp()
    {
        _late.RemoveAll(static late => late.Read.IsDone);
        return _late.Count > 0;
    }

    private sealed class Waiter(PromptHashes path, DiskArrival arrival, Func<bool>? isWaiting)
    {
        public PromptHashes Path => path;
        public DiskArrival Arrival => arrival;
        public bool IsAnnounced => isWaiting is null && !IsAsked;
        public long Until { get; set; }
        public DiskRead? Read { get; set; }
        public long Bytes { get; set; }
        public int Tries { get; set; }
        public int Here { get; set; }
        public bool HasCome { get; set; }

        /// <summary>Whether its turn could be placed, but for this.</summary>
        public bool IsAsked { get; set; }

        /// <summary>Whether what is read for it is of use only later: it comes, or is in memory, and its turn has no stream.</summary>
        public bool IsAhead(DiskTimes times) => !IsAsked && (Read is not null
            || (arrival.End is { IsDetached: false, IsParked: true } && (isWaiting is null ? !times.IsOver(Until) : isWaiting())));
    }
}

/// <summary>A prompt whose state may be on the disk.</summary>
/// <param name="Here">Tokens of it that can be had without the disk.</param>
/// <param name="Parked">Tokens of it whose rows are in host memory.</param>
/// <param name="Usable">Tokens of it that are of use.</param>
internal readonly record struct DiskPrompt(string Scope, TokenPath Tokens, int Here, int Parked, int Usable);
