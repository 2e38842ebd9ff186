using Samovar.Engine.Native;

namespace Samovar.Engine.Decoding;

/// <summary>Has the context's batch computed, counts it, and tells who chooses threads how long it took.</summary>
internal sealed class BatchSender(LlamaContext context, EngineMeters meters, TimeProvider time)
{
    /// <summary>When the newest batch was sent.</summary>
    public long SentAt { get; private set; }

    /// <param name="governor">Chooses its threads.</param>
    /// <param name="units">What it is expected to cost, in any unit that the governor's other batches have, too.</param>
    public DecodeResult Send(ThreadGovernor governor, double units)
    {
        meters.Batches++;
        SentAt = time.GetTimestamp();
        var result = context.Decode(governor.Threads);
        if (result == DecodeResult.Done) governor.Stepped(time.GetElapsedTime(SentAt).TotalSeconds / units);
        return result;
    }
}
