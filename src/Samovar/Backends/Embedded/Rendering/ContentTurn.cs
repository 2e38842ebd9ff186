namespace Samovar.Backends.Embedded.Rendering;

/// <summary>An answer and the messages behind it, and the proof by which they would be rendered alone.</summary>
/// <param name="Shape">The shape of the turn that brings them.</param>
/// <param name="Certificate">The proof for that shape.</param>
/// <param name="HeadName">Names the conversation's own head.</param>
/// <param name="Skeleton">What the messages before the answer are.</param>
/// <param name="Said">The answer, as it was said.</param>
/// <param name="Added">The new messages, as they were said.</param>
internal sealed record ContentTurn(
    TurnShape Shape, Certificate Certificate, string HeadName, PromptSkeleton Skeleton, IReadOnlyList<PromptMessage> Said,
    IReadOnlyList<PromptMessage> Added)
{
    /// <summary>The answer and what is new.</summary>
    public IReadOnlyList<PromptMessage> Messages { get; } = [.. Said, .. Added];
}
