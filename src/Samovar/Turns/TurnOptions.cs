using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Samovar.Chains;

namespace Samovar.Turns;

/// <summary>Bounds of turns.</summary>
public sealed class TurnOptions
{
    public const string Section = "Turns";

    /// <summary>
    /// Turns that may run at once on this node, all tenants together; an eighth stays open for those that have few, and one more waits.
    /// </summary>
    [Range(1, 100_000)] public int RunningMax { get; set; } = 1024;

    /// <summary>
    /// Turns that may wait for a place; beyond, the newest turn of the longest line is answered 503 with <see cref="RetryAfter"/>.
    /// 0 lets none wait.
    /// </summary>
    [Range(0, 10_000)] public int QueueMax { get; set; } = 256;

    /// <summary>How long a turn may wait for a place; then it is answered 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")] public TimeSpan QueueWaitMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Retry-After of a turn that found no room.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long refusals of a flow that asks again at once are held back; 0 answers every one at once. The first
    /// <see cref="RefusalsAtOnceMax"/> in this time are.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")] public TimeSpan RefusalHoldMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Refusals of a flow that are answered at once within <see cref="RefusalHoldMax"/>.</summary>
    [Range(1, 100_000)] public int RefusalsAtOnceMax { get; set; } = 16;

    /// <summary>Refusals that are held back together; beyond it they are answered at once.</summary>
    [Range(0, 1_000_000)] public int RefusalsHeldMax { get; set; } = 4096;

    /// <summary>From admission to the terminal event.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")] public TimeSpan DurationMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the store may take to keep a response; then the turn fails, and what was stored all the same is deleted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")] public TimeSpan KeepMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a backend may take to stop after a cancel; then the turn ends without it, and its place stays taken until it does.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")] public TimeSpan StopMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the item that is being made may go on when its user has said something meanwhile; then the response ends in it.
    /// 0 ends it at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan SteeredItemMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one turn's events.</summary>
    [Range(65_536, 1L << 34)] public long LogBytesMax { get; set; } = 64L << 20;

    /// <summary>Bytes of events that a turn may be ahead of its reader; then what makes them pauses.</summary>
    [Range(4096, 1L << 34)] public long UnreadBytesMax { get; set; } = 1 << 20;

    /// <summary>
    /// Bytes of memory that a whole chain holds, the new request included: about three times its JSON, what frames repeat counted once.
    /// </summary>
    [Range(65_536, 1L << 36)] public long ChainBytesMax { get; set; } = 256L << 20;

    /// <summary>Responses of one chain.</summary>
    [Range(2, 1_000_000)] public int ChainDepthMax { get; set; } = 10_000;

    /// <summary>Items of a whole chain, the new request's included.</summary>
    [Range(16, 10_000_000)] public int ChainItemsMax { get; set; } = 200_000;

    /// <summary>Items that one response may hold.</summary>
    [Range(1, 100_000)] public int OutputItemsMax { get; set; } = 1024;

    /// <summary>The bounds of chains, for those who add to them without a turn.</summary>
    internal ChainBounds ChainBounds() => new(ChainBytesMax, ChainDepthMax, ChainItemsMax);
}

[OptionsValidator] public sealed partial class TurnOptionsValidator : IValidateOptions<TurnOptions>;
