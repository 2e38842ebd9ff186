namespace Samovar.Tracing;

/// <summary>A stretch of a turn's life, or several of one stage that share a place.</summary>
/// <param name="From">By <c>TimeProvider.GetTimestamp</c>, as is the end.</param>
/// <param name="Amount">Tokens, bytes or items, as the stage says.</param>
/// <param name="Count">How many stretches it stands for.</param>
internal record struct TraceSpan(TraceStage Stage, long From, long To, long Amount, int Count = 1)
{
    /// <summary>How long it took, without what lies between the stretches that it stands for.</summary>
    public long Busy { get; set; } = To - From;

    /// <summary>The longest time between two of them; nought where it is one, or where that is not known.</summary>
    public long Pause { get; private set; }

    /// <summary>When that time began.</summary>
    public long PausedAt { get; private set; }

    /// <summary>A destination, how an attempt ended, or where something was found; never what was said.</summary>
    public string? Detail { get; init; }

    /// <summary>One more stretch has its place here.</summary>
    public void Take(long from, long to, long amount)
    {
        if (from - To > Pause) (Pause, PausedAt) = (from - To, To);
        if (to > To) To = to;
        Amount += amount;
        Count++;
        Busy += to - from;
    }

    /// <summary>What another stands for has its place here.</summary>
    public void Take(TraceSpan later)
    {
        var between = later.From - To;
        if (between > Pause) (Pause, PausedAt) = (between, To);
        if (later.Pause > Pause) (Pause, PausedAt) = (later.Pause, later.PausedAt);
        To = Math.Max(To, later.To);
        Amount += later.Amount;
        Count += later.Count;
        Busy += later.Busy;
    }
}
