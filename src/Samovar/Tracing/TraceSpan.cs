namespace Samovar.Tracing;

/// <summary>A stretch of a turn's life.</summary>
/// <param name="From">By <c>TimeProvider.GetTimestamp</c>, as is the end.</param>
/// <param name="Amount">Tokens, bytes or items, as the stage says.</param>
/// <param name="Count">How many equal stretches it stands for: further ones are added to the last where there is no room for more.</param>
internal readonly record struct TraceSpan(TraceStage Stage, long From, long To, long Amount, int Count = 1)
{
    /// <summary>How long it took, without what lies between the stretches that it stands for.</summary>
    public long Busy { get; init; } = To - From;

    /// <summary>A destination, how an attempt ended, or where something was found; never what was said.</summary>
    public string? Detail { get; init; }

    /// <summary>Both as one.</summary>
    public TraceSpan With(TraceSpan later) => this with
    {
        To = Math.Max(To, later.To), Amount = Amount + later.Amount, Count = Count + later.Count, Busy = Busy + later.Busy,
    };
}
