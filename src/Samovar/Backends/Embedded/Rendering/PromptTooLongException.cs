namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A prompt is so much longer than the model's context that its tokens are not counted to the end.</summary>
internal sealed class PromptTooLongException(int tokensAtLeast) : Exception("The prompt is far longer than the context.")
{
    /// <summary>It has no fewer.</summary>
    public int TokensAtLeast => tokensAtLeast;
}
