namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Writes calls as text, for a template that writes none: in the words that the model's own calls are read in.</summary>
internal interface ICallWriter
{
    /// <summary>The calls of one message; what is from outside has its marks.</summary>
    string Write(IReadOnlyList<PromptCall> calls, ControlText control);
}
