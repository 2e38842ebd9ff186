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
