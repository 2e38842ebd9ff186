using System.Collections.Concurrent;

namespace Samovar.Engine.Sequences;

/// <summary>A pin: the path and the segment where its state ends. Dropping it is posted to the engine's thread, which alone may touch
/// segments.</summary>
internal sealed class HeldPath(TokenPath path, string scope, Segment? segment, PinHome home) : SequencePin
{
    private const int ToolCharsMax = 64; // a longer name, which is its client's, is no name that others could have, too
    private int _isDropped, _hasEnded;

    public override TokenPath Path { get; } = path;

    public string Scope { get; } = scope;

    /// <summary>The engine that it is of.</summary>
    public PinHome Home => home;

    /// <summary>Where the held state ends; its <see cref="Segment.End"/> may lie before the path's. Null where nothing was
    /// computed.</summary>
    public Segment? Segment { get; private set; } = segment;

    /// <summary>How the turn that left it ended. The engine's thread only.</summary>
    public TurnNote? Note { get; set; }

    /// <summary>Its place in its chain, as long as it is held. The engine's thread only.</summary>
    public ChainPlace? Place { get; set; }

    /// <summary>What its owner said of the turn's end; set once, and then taken in by the engine's thread.</summary>
    public TurnEnding Ending { get; private set; }

    public bool IsDropped => Volatile.Read(ref _isDropped) != 0;

    public override bool IsOver => home.IsClosed;

    /// <summary>Its engine has ended.</summary>
    public void LetGo() => (Segment, Place) = (null, null);

    public override void Ended(TurnEnding ending)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0) return;
        Ending = ending.Tool?.Length > ToolCharsMax ? ending.OfAnyTool() : ending;
        home.Note(this);
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDropped, 1) == 0) home.Drop(this);
    }
}

/// <summary>The pins of one engine. They are of no use to another, and when their engine ends they let go of all that it held.</summary>
/// <remarks>Chains keep pins for hours: one that still pointed into an engine that is gone would keep its trees in memory.</remarks>
internal sealed class PinHome
{
    private readonly ConcurrentQueue<HeldPath> _dropped = new(); // bounded by the pins there are
    private readonly ConcurrentQueue<HeldPath> _ended = new();   // as well: each comes once
    private readonly HashSet<HeldPath> _held = []; // those that hold a segment; the engine's thread only, until it has ended
    private volatile bool _isClosed;

    /// <summary>Whether the engine is gone.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Pins that hold a segment. The engine's thread only.</summary>
    public int Count => _held.Count;

    /// <summary>Called for each segment whose pins or users have changed.</summary>
    public Action<Segment>? Changed { get; set; }

    /// <summary>Wakes the engine's thread.</summary>
    public Action? Wake { get; set; }

    /// <summary>Holds a segment for whoever goes on from a path. The engine's thread only.</summary>
    /// <param name="held">The path.</param>
    /// <param name="scope">Its namespace.</param>
    /// <param name="segment">Where its state ends.</param>
    /// <param name="before">What the turn went on from: its chain has a newer end now.</param>
    public HeldPath Pin(TokenPath held, string scope, Segment? segment, HeldPath? before = null)
    {
        var pin = new HeldPath(held, scope, segment, this);
        if (segment is null) return pin;
        segment.Pins++;
        _held.Add(pin);
        pin.Place = ChainPlace.Begin(segment, before is not null && ReferenceEquals(before.Home, this) ? before.Place : null, Report);
        Report(segment);
        return pin;
    }

    /// <summary>A pin was dropped; any thread.</summary>
    public void Drop(HeldPath pin)
    {
        if (!_isClosed) _dropped.Enqueue(pin);
    }

    /// <summary>A pin's owner has said how its turn ended; any thread.</summary>
    public void Note(HeldPath pin)
    {
        if (_isClosed) return;
        _ended.Enqueue(pin);
        if (pin.Ending.Stop == StopKind.Final) Wake?.Invoke(); // memory comes free with it
    }

    /// <summary>Takes in what others said of ends, and then what they dropped. The engine's thread only.</summary>
    public void TakeIn(Action<HeldPath> ended)
    {
        while (_ended.TryDequeue(out var pin)) ended(pin);
        while (_dropped.TryDequeue(out var pin)) LetGo(pin);
    }

    /// <summary>A pin holds nothing any more. The engine's thread only.</summary>
    /// <param name="isOver">Whether its chain has ended with it: else that stands where it stood before.</param>
    public void LetGo(HeldPath pin, bool isOver = false)
    {
        if (pin.Segment is not { } segment || !_held.Remove(pin)) return;
        segment.Pins--;
        if (isOver) pin.Place?.Finish(Report);
        else pin.Place?.End(Report);
        Report(segment);
    }

    /// <summary>The engine's thread has ended: nothing is held any more.</summary>
    public void Close()
    {
        _isClosed = true;
        (Changed, Wake) = (null, null);
        foreach (var pin in _held) pin.LetGo();
        _held.Clear();
        _dropped.Clear();
        _ended.Clear();
    }

    private void Report(Segment segment) => Changed?.Invoke(segment);
}
