namespace Samovar.Engine;

/// <summary>Texts that a turn does not write: the token that would complete one is not taken, another is chosen in its place.</summary>
/// <remarks>
/// Where a grammar leaves nothing else, it wins. An answer does not end for want of such a text: once one was refused, the turn goes on
/// until something is said. Turns may share one object; what the engine learns of it is kept with it.
/// </remarks>
/// <param name="texts">What is not written; none of them empty.</param>
/// <param name="openings">Texts behind which nothing has been said yet, such as the end of a thought.</param>
public sealed class ForbiddenTexts(IReadOnlyList<string> texts, IReadOnlyList<string> openings)
{
    public IReadOnlyList<string> Texts => texts;

    public IReadOnlyList<string> Openings => openings;
}
