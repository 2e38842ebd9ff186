namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What a template is asked to write of an assistant: words that are found again in what it writes.</summary>
internal sealed record ProbeAnswer
{
    public string Text { get; init; } = "";
    public string? Thought { get; init; }
    public IReadOnlyList<ProbeCall> Calls { get; init; } = [];
}

/// <summary>A call with arguments as JSON.</summary>
internal sealed record ProbeCall(string Name, string Id, string Arguments);

/// <summary>In which form a template takes calls and thoughts.</summary>
internal sealed record ProbeForm(bool ArgumentsAsText, bool HasContent, bool NamesInIds, string ThoughtField, bool ThinksOn);
