namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Who speaks, in the four words that chat templates know.</summary>
internal enum PromptRole { System, User, Assistant, Tool }

/// <summary>One message as a chat template sees it: several items may have become one.</summary>
internal sealed record PromptMessage(PromptRole Role, string Text)
{
    /// <summary>Whether the text has its marks already, because a part of it is our own words and may be structure.</summary>
    public bool IsMarked { get; init; }

    /// <summary>What the assistant thought before it spoke; empty for none.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>Whether the thought has its marks already.</summary>
    public bool IsReasoningMarked { get; init; }
    public IReadOnlyList<PromptCall> Calls { get; init; } = [];

    /// <summary>For a tool's message: which call it answers.</summary>
    public string? CallId { get; init; }
    public string? CallName { get; init; }

    /// <summary>Characters of all that it says.</summary>
    public long Chars => Text.Length + Reasoning.Length + Calls.Sum(static call => (long)call.Arguments.Length) + 1;
}

/// <summary>One call of a tool, its arguments as the JSON text that was written.</summary>
internal sealed record PromptCall(string Id, string Name, string Arguments)
{
    /// <summary>Whether the conversation goes on while it has no output.</summary>
    public bool IsAsync { get; init; }
}
