namespace Samovar.Engine.Sequences;

/// <summary>Time since the engine's start: never goes back.</summary>
internal sealed class TurnClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Now => At(time.GetTimestamp());

    public TimeSpan At(long timestamp) => time.GetElapsedTime(_start, timestamp);
}
