namespace Samovar.Engine.Decoding;

/// <summary>What one turn has had of rounds and streams.</summary>
internal sealed class TurnShare
{
    /// <summary>Plans that passed its prompt over since its last chunk.</summary>
    public int Waited { get; set; }

    /// <summary>The least that a flow has used whose turn waits for what this one computes: it is computed as if for that one.</summary>
    public double AwaitedUsed { get; set; } = double.PositiveInfinity;

    /// <summary>When its prompt should be computed, in prompt tokens; null before it had a stream.</summary>
    public double? Deadline { get; set; }

    /// <summary>Since when it has the stream that it has. The queue's, as the next one.</summary>
    public long StreamSince { get; set; }

    /// <summary>How long it had streams that were taken back.</summary>
    public TimeSpan Ran { get; set; }
}
