namespace Samovar.Protocol.Messages;

/// <summary>The calls of an answer; of several the worst counts.</summary>
internal enum CallsMade
{
    None,
    Whole,

    /// <summary>The arguments of one are no JSON: its input is what could be read of them.</summary>
    Broken,
}
