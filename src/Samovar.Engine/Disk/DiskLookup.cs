using System.Runtime.CompilerServices;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>Brings state from the disk into host memory for turns that wait to be placed. The engine's thread only.</summary>
/// <remarks>A turn asks before it is placed: it waits while files that have much more of its prompt than anybody here are read, for so long
/// at most; what was read lies in host memory then, as if it had been parked there.</remarks>
internal sealed class DiskLookup(
    SegmentTree tree, ParkedStore store, StateTraits traits, DiskIndex index, DiskReader reader, EngineMeters meters, DiskTimes times)
{
    private const int TokensMin = 64; // less is computed sooner
    private const int TriesMax = 2;   // a file that could not be used is not there the second time
    private readonly ConditionalWeakTable<object, Waiter> _waiters = [];
    private readonly List<DiskRead> _reading = []; // bounded by the turns that wait
    private readonly List<(DiskRead Read, long Until)> _late = [];

    /// <summary>Whether a turn is to wait for the disk.</summary>
    /// <param name="turn">The turn, by which it is known.</param>
    /// <param name="scope">Its namespace.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="here">Tokens of it that can be had without the disk.</param>
    /// <param name="parked">Tokens of it whose rows are in host memory.</param>
    /// <param name="usable">Tokens of it that are of use.</param>
    public bool IsAwaited(object turn, string scope, TokenPath prompt, int here, int parked, int usable)
    {
        if (_waiters.TryGetValue(turn, out var waiter) && waiter.Read is { IsDone: false })
        {
            if (!times.IsOver(waiter.Until)) return true;
            Leave(waiter);
            return false;
        }
        if (waiter is null && (usable - here < TokensMin || index.IsEmpty)) return false;
        waiter ??= New(turn, scope, prompt);
        if (waiter.Read is not null || waiter.Tries >= TriesMax || IsHeldUp()) return false;
        if (index.Plan(waiter.Path, parked, usable, traits.Checkpoints != CheckpointPart.None) is not { } plan
            || plan.Depth < here + TokensMin || plan.Bytes > store.BytesMax) return false;
        if (times.IsOver(waiter.Until)) return false;
        if (_reading.Exists(read => read.Plan.Pieces.Any(piece => plan.Pieces.Contains(piece)))) return true; // then it is here
        Begin(waiter, plan);
        return true;
    }

    /// <summary>Takes in what was read for a turn: then more of its prompt is in host memory.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="scope">Its namespace.</param>
    /// <param name="usable">Tokens of its prompt that are of use.</param>
    /// <param name="now">The engine's turn count.</param>
    public void TakeIn(object turn, string scope, int usable, long now)
    {
        if (!_waiters.TryGetValue(turn, out var waiter) || waiter.Read is not { IsDone: true } read) return;
        try
        {
            if (new DiskArrival(tree, store, traits).Take(read, scope, usable, now) is not (> 0 and var tokens)) return;
            meters.DiskTokens += tokens;
            waiter.HasCome = true;
        }
        finally
        {
            Leave(waiter);
        }
    }

    /// <summary>Whether a turn's state came from the disk.</summary>
    public bool HasCome(object turn) => _waiters.TryGetValue(turn, out var waiter) && waiter.HasCome;

    private Waiter New(object turn, string scope, TokenPath prompt)
    {
        var waiter = new Waiter(index.Hashes(scope, prompt.ToArray()), times.Due());
        _waiters.Add(turn, waiter);
        return waiter;
    }

    private void Begin(Waiter waiter, DiskPlan plan)
    {
        waiter.Tries++;
        waiter.Read = new DiskRead(plan, waiter.Path);
        _reading.Add(waiter.Read);
        times.WakeAt(waiter.Until);
        reader.Add(waiter.Read);
    }

    private void Leave(Waiter waiter)
    {
        if (waiter.Read is not { } read) return;
        if (!read.IsDone) _late.Add((read, waiter.Until));
        read.Leave();
        _reading.Remove(read);
        waiter.Read = null;
    }

    /// <summary>Whether the disk keeps somebody waiting who has given up: nobody else waits for it then.</summary>
    private bool IsHeldUp()
    {
        _late.RemoveAll(static late => late.Read.IsDone);
        return _late.Count > 0;
    }

    private sealed class Waiter(PathHashes path, long until)
    {
        public PathHashes Path => path;
        public long Until => until;
        public DiskRead? Read { get; set; }
        public int Tries { get; set; }
        public bool HasCome { get; set; }
    }
}
