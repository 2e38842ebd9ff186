namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A conversation up to an answer.</summary>
/// <param name="Head">Its own start.</param>
/// <param name="Messages">Its messages, as they were said.</param>
internal sealed record ContentHistory(PromptHead Head, IReadOnlyList<PromptMessage> Messages);
