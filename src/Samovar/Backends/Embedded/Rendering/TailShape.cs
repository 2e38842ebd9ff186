namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A <see cref="PromptTail"/> without what is only content.</summary>
internal sealed record TailShape(bool HasSystem, bool HasTools, bool Reasoning, bool Text, int Calls, bool ReasoningSinceUser)
{
    public static TailShape Of(PromptTail tail) => new(
        tail.HasSystem, tail.HasTools, tail.Reasoning, tail.Text, Math.Min(2, tail.Calls.Count), tail.ReasoningSinceUser);
}
