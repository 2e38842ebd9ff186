namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What planning takes from the loaded model and the options.</summary>
/// <param name="Model">The model's identity: state of one model is never taken for another's.</param>
/// <param name="Content">How content becomes text.</param>
/// <param name="CallLookback">Responses that are looked through for an answered call.</param>
/// <param name="Marks">What the model marks calls with.</param>
/// <param name="HasSystemsInRow">Whether the template takes a system text behind the one that it begins with.</param>
internal sealed record PromptRoom(
    string Model, ContentReader Content, int CallLookback, IReadOnlyList<string> Marks, bool HasSystemsInRow)
{
    /// <summary>Whether a message that the client wrote has one of the marks.</summary>
    public bool IsMarked(PromptMessage message) => message.Role is PromptRole.System or PromptRole.User && HasMark(message.Text);

    /// <summary>Whether a text has one of the marks.</summary>
    public bool HasMark(string text)
    {
        foreach (var mark in Marks)
            if (text.Contains(mark, StringComparison.Ordinal)) return true;
        return false;
    }
}
