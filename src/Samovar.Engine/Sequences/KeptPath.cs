namespace Samovar.Engine.Sequences;

/// <summary>A kept prefix and the segment where it ends. Its figures are written by the engine's thread and read by any.</summary>
internal sealed class KeptPath(TokenPath path, string scope, PinHome home, DateTimeOffset keptAt, Action<KeptPath> dropped) : KeptPrefix
{
    private volatile PrefixUse _use = new(0, 0, 0, keptAt);
    private int[]? _tokens;
    private int _isDropped;

    public override TokenPath Path => path;

    public override PrefixUse Use => _use;

    public override bool IsOver => home.IsClosed;

    public string Scope => scope;

    /// <summary>The engine that it is of.</summary>
    public PinHome Home => home;

    /// <summary>Where it ends; it has left its tree where its state was given up. The engine's thread only.</summary>
    public required Segment Segment { get; set; }

    /// <summary>What kept prefixes may take by the word of whoever wanted this one; it holds whenever it is marked again.</summary>
    public required PrefixRoom Room { get; init; }

    /// <summary>What its state takes in host memory.</summary>
    public required PathBytes Bytes { get; init; }

    /// <summary>Its tokens; looked at only where its segment is gone.</summary>
    public ReadOnlySpan<int> Tokens => _tokens ??= path.ToArray();

    /// <summary>A turn begins with it.</summary>
    public void Begun(bool isHit, DateTimeOffset now) => _use = _use with
    {
        Turns = _use.Turns + 1, Hits = _use.Hits + (isHit ? 1 : 0), Running = _use.Running + 1, LastUsed = now,
    };

    /// <summary>A turn that runs began with what this keeps from now on.</summary>
    public void Stands() => _use = _use with { Running = _use.Running + 1 };

    /// <summary>A turn that began with it is over.</summary>
    public void Ended(DateTimeOffset now) => _use = _use with { Running = _use.Running - 1, LastUsed = now };

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDropped, 1) == 0 && !home.IsClosed) dropped(this);
    }
}

/// <summary>What a path's parked state takes.</summary>
/// <param name="AtEnd">Of the checkpoint at its end.</param>
/// <param name="PerToken">Of its rows.</param>
internal readonly record struct PathBytes(long AtEnd, double PerToken)
{
    /// <summary>Of a path that is parked.</summary>
    public static PathBytes Of(Segment end)
    {
        var rows = 0L;
        for (var at = end; at is not null; at = at.Parent) rows += at.Rows?.Bytes ?? 0;
        return new PathBytes(end.Checkpoint?.Bytes ?? 0, (double)rows / Math.Max(1, end.End));
    }

    /// <summary>What a segment's rows take, or will take once they are parked.</summary>
    public long RowsOf(Segment segment) => segment.Rows?.Bytes ?? (long)((segment.End - segment.Start) * PerToken);
}
