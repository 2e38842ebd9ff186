using System.Collections.Concurrent;

namespace Samovar.Engine.Sequences;

/// <summary>A pin: the path and the segment where its state ends. Dropping it is posted to the engine's thread, which alone may touch
/// segments.</summary>
internal sealed class HeldPath(TokenPath path, string scope, Segment? segment, PinHome home) : SequencePin
{
    private int _isDropped;

    public override TokenPath Path { get; } = path;

    public string Scope { get; } = scope;

    /// <summary>The engine that it is of.</summary>
    public PinHome Home => home;

    /// <summary>Where the held state ends; its <see cref="Segment.End"/> may lie before the path's. Null where nothing was
    /// computed.</summary>
    public Segment? Segment { get; private set; } = segment;

    public bool IsDropped => Volatile.Read(ref _isDropped) != 0;

    public override bool IsOver => home.IsClosed;

    /// <summary>Its engine has ended.</summary>
    public void LetGo() => Segment = null;

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
    private readonly HashSet<HeldPath> _held = []; // those that hold a segment; the engine's thread only, until it has ended
    private volatile bool _isClosed;

    /// <summary>Whether the engine is gone.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Pins that hold a segment. The engine's thread only.</summary>
    public int Count => _held.Count;

    /// <summary>Holds a segment for whoever goes on from a path. The engine's thread only.</summary>
    public HeldPath Pin(TokenPath held, string scope, Segment? segment)
    {
        var pin = new HeldPath(held, scope, segment, this);
        if (segment is null) return pin;
        segment.Pins++;
        _held.Add(pin);
        return pin;
    }

    /// <summary>A pin was dropped; any thread.</summary>
    public void Drop(HeldPath pin)
    {
        if (!_isClosed) _dropped.Enqueue(pin);
    }

    /// <summary>Takes in what others dropped. The engine's thread only.</summary>
    public void TakeDropped()
    {
        while (_dropped.TryDequeue(out var pin))
            if (pin.Segment is { } segment)
            {
                segment.Pins--;
                _held.Remove(pin);
            }
    }

    /// <summary>The engine's thread has ended: nothing is held any more.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var pin in _held) pin.LetGo();
        _held.Clear();
        _dropped.Clear();
    }
}
