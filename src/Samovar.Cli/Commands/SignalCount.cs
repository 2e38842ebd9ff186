namespace Samovar.Cli.Commands;

/// <summary>What one signal is among those that a process gets.</summary>
internal enum SignalPart
{
    /// <summary>Asks it to stop.</summary>
    First,

    /// <summary>Comes of the same act: some runners signal the process and then its group.</summary>
    Same,

    /// <summary>A user's second: it is to end at once.</summary>
    Second,
}

/// <summary>Tells a user's second signal from one that the first act has sent twice: nobody presses Ctrl-C twice in so short a
/// time.</summary>
internal sealed class SignalCount(TimeProvider time)
{
    /// <summary>How long one act may take to send all that it sends.</summary>
    public static readonly TimeSpan SameActMax = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private bool _isServing;
    private long? _firstAt;

    /// <summary>From now on the first signal is somebody else's; until now there was nobody to ask, and it was as good as a
    /// second.</summary>
    public void Serving()
    {
        lock (_gate) _isServing = true;
    }

    public SignalPart Count()
    {
        lock (_gate)
        {
            if (!_isServing) return SignalPart.Second;
            if (_firstAt is { } first)
                return time.GetElapsedTime(first) <= SameActMax ? SignalPart.Same : SignalPart.Second;
            _firstAt = time.GetTimestamp();
            return SignalPart.First;
        }
    }
}
