using Samovar.Engine.Retention;

namespace Samovar.Engine.Parking;

/// <summary>A policy that the engine's thread teaches and other threads ask.</summary>
internal sealed class SharedPolicy(IRetentionPolicy policy) : IRetentionPolicy
{
    private readonly Lock _gate = new();

    public string Name => policy.Name;

    public double Worth(in HeldState state, TimeSpan now)
    {
        lock (_gate) return policy.Worth(state, now);
    }

    public TimeSpan WorthUntil(in HeldState state, TimeSpan now)
    {
        lock (_gate) return policy.WorthUntil(state, now);
    }

    public void Ended(TurnEnding ending, TimeSpan at)
    {
        lock (_gate) policy.Ended(ending, at);
    }

    public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at)
    {
        lock (_gate) policy.Returned(ending, endedAt, at);
    }
}
