namespace Samovar.Backends.Embedded.Rendering;

/// <summary>How a conversation ends after a response: all that decides what a template writes behind it.</summary>
/// <param name="HasSystem">Whether it starts with a system text.</param>
/// <param name="HasTools">Whether tools were given to the template.</param>
/// <param name="Reasoning">Whether the last assistant message carries reasoning.</param>
/// <param name="Text">Whether it carries text.</param>
/// <param name="Calls">Its calls, without their arguments.</param>
/// <param name="ReasoningSinceUser">Whether an earlier assistant message after the newest user message carries reasoning.</param>
/// <param name="IsCut">Whether the message was cut off before the model ended it.</param>
internal sealed record PromptTail(
    bool HasSystem, bool HasTools, bool Reasoning, bool Text, IReadOnlyList<PromptCall> Calls, bool ReasoningSinceUser, bool IsCut);
