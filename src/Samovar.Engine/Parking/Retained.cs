using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Parking;

/// <summary>What an engine keeps, in its streams and beside them, by the policy that its options name.</summary>
internal sealed class Retained
{
    public Retained(
        string policy, SegmentTree tree, StreamTable streams, EngineMeters meters, bool hasCheckpoints, long bytesMax, TimeProvider time)
    {
        var (clock, chosen) = (new TurnClock(time), new SharedPolicy(RetentionPolicies.Create(policy)));
        IParkedOrder order = chosen.Name == RetentionNames.Recency ? new RecencyOrder() : new PolicyOrder(chosen, Prefill, clock);
        Store = new ParkedStore(tree, meters, order, hasCheckpoints, bytesMax, time);
        Victims = new StreamVictims(streams, order);
        Policy = chosen;
        Turns = new TurnRetention(chosen, Store, Pins, clock);
        Pins.Changed = Store.Rank;
    }

    public ParkedStore Store { get; }

    /// <summary>Whose stream is taken next.</summary>
    public StreamVictims Victims { get; }

    /// <summary>Says what is worth keeping; safe for all threads.</summary>
    public IRetentionPolicy Policy { get; }

    /// <summary>How turns ended, and who came back.</summary>
    public TurnRetention Turns { get; }

    /// <summary>Who stands where.</summary>
    public PinHome Pins { get; } = new();

    /// <summary>What computing something again takes.</summary>
    public PrefillMeter Prefill { get; } = new();
}
