using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>Where a turn's cached tokens came from, and why there were not more. The engine's thread only.</summary>
internal sealed class TurnReuse
{
    private bool _hasBegun;

    /// <summary>Tokens that were there when it got its first stream, and what was there beyond what it had when it got another.</summary>
    public int Tokens { get; private set; }

    public CacheSource Source { get; private set; }

    /// <summary>What bringing them to the turn's stream took.</summary>
    public TimeSpan Restored { get; private set; }

    /// <summary>What was given up of the path that the turn goes on from; null where nothing was.</summary>
    public StateLoss? Lost { get; private set; }

    /// <summary>The turn has its first stream.</summary>
    /// <param name="held">Tokens that are there.</param>
    /// <param name="usable">Tokens that it could use.</param>
    /// <param name="source">Where they were.</param>
    /// <param name="before">Where the state ended that it goes on from.</param>
    public void Begin(int held, int usable, CacheSource source, Segment? before)
    {
        (_hasBegun, Tokens, Source) = (true, held, held > 0 ? source : CacheSource.None);
        if (before is not null && held < Math.Min(before.End, usable)) Lost = before.Loss;
    }

    /// <summary>It has a stream again: while it waited, another turn may have computed more of what they share.</summary>
    /// <param name="held">Tokens of the prompt that are there.</param>
    /// <param name="reached">Those that were there or computed before.</param>
    public void Gain(int held, ref int reached)
    {
        if (held <= reached) return;
        (Tokens, reached) = (Tokens + held - reached, held);
    }

    /// <summary>Its stream was filled with state that was held elsewhere.</summary>
    public void Filled(TimeSpan took)
    {
        if (!_hasBegun) Restored = took;
    }
}
