using Samovar.Engine.Parking;
using Samovar.Engine.Retention;

namespace Samovar.Engine.Decoding;

/// <summary>Says whether a start that another stream has is copied from there, or computed.</summary>
/// <remarks>
/// A stream's state is read as a whole or not at all, and while the engine's thread reads, nobody gets a token: of a long stream a short
/// start is sooner computed, where a device computes or where a token's state is large.
/// </remarks>
/// <param name="prefill">What computing takes.</param>
/// <param name="usual">What it usually takes, before it was measured.</param>
/// <param name="reads">What reading takes.</param>
internal sealed class CopyWorth(PrefillMeter prefill, PrefillCost usual, ReadMeter reads)
{
    /// <summary>So much is read in a few milliseconds anywhere: what a busy machine measures decides nothing there.</summary>
    public long BytesAlways { get; init; } = 16L << 20;

    /// <summary>Called with the bytes of each that is asked about. For tests.</summary>
    public Action<long>? Weighs { get; init; }

    /// <summary>Whether reading so many bytes takes no longer than computing a prompt from one place to another.</summary>
    public bool IsWorth(long bytes, int from, int to)
    {
        Weighs?.Invoke(bytes);
        return bytes <= BytesAlways || reads.Seconds(bytes) <= (prefill.Version > 0 ? prefill.Cost : usual).Seconds(from, to);
    }
}
