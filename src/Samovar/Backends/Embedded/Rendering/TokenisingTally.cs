namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What making one prompt took to turn text into tokens: that happens here and there while it is rendered.</summary>
internal sealed class TokenisingTally
{
    /// <summary>Of the time provider's.</summary>
    public long Ticks { get; private set; }
    public long Chars { get; private set; }
    public long Tokens { get; private set; }

    public void Add(long ticks, int chars, int tokens) => (Ticks, Chars, Tokens) = (Ticks + ticks, Chars + chars, Tokens + tokens);
}
