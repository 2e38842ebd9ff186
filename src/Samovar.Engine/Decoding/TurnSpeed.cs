namespace Samovar.Engine.Decoding;

/// <summary>How long turns take from admission to their end, and what follows from it for a turn that finds no place. Any thread.</summary>
internal sealed class TurnSpeed(int queueMax, int streams)
{
    private const double Weight = 0.2;
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1), RetryMax = TimeSpan.FromSeconds(60);
    private double _seconds = 1;

    /// <summary>When it is worth to come again.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            var wait = TimeSpan.FromSeconds(Volatile.Read(ref _seconds) * queueMax / streams);
            return wait < RetryMin ? RetryMin : wait > RetryMax ? RetryMax : wait;
        }
    }

    public void Ended(TimeSpan took) => Volatile.Write(ref _seconds, _seconds + Weight * (took.TotalSeconds - _seconds));
}
