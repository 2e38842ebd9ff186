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
