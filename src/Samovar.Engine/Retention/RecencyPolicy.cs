namespace Samovar.Engine.Retention;

/// <summary>The least recently used goes first.</summary>
internal sealed class RecencyPolicy : IRetentionPolicy
{
    public string Name => RetentionNames.Recency;

    public double Worth(in HeldState state, TimeSpan now) => state.LastUsed.TotalSeconds;

    public TimeSpan WorthUntil(in HeldState state, TimeSpan now) => TimeSpan.MaxValue;

    public void Ended(TurnEnding ending, TimeSpan at)
    {
    }

    public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at)
    {
    }
}
