namespace Samovar.Engine;

/// <summary>What a turn did in the engine for a stretch of time.</summary>
public enum EngineStage
{
    /// <summary>Waited for a stream, until what the stream held was put away.</summary>
    Place,

    /// <summary>State was brought into the stream, from host memory or another stream.</summary>
    Restore,

    /// <summary>A chunk of the prompt was computed; of what is sampled from it the last token is a chunk of its own.</summary>
    Prefill,

    /// <summary>From the first sampled token to the last.</summary>
    Decode,
}

/// <summary>A stretch of a turn's life in the engine.</summary>
/// <param name="From">By <c>TimeProvider.GetTimestamp</c>, as is the end.</param>
/// <param name="Tokens">Of the prompt that were computed or brought back, or those sampled.</param>
/// <param name="Count">How many it stands for: further ones are added to the last where there is no room for more.</param>
/// <param name="Busy">How long it took, without what lies between those that it stands for.</param>
public readonly record struct EngineSpan(EngineStage Stage, long From, long To, int Tokens, int Count, long Busy);
