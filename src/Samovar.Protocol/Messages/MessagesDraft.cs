using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>What was read of a Messages request so far.</summary>
internal sealed class MessagesDraft
{
    public RequestDraft Request { get; } = new();

    /// <summary>The system prompt, which may come after the messages.</summary>
    public RequestDraft System { get; } = new();
    public bool HasMessages { get; set; }

    /// <summary>Whether the conversation is kept here; null: its client keeps it.</summary>
    public MessagesThread? Thread { get; set; }

    /// <summary>Whether the conversation is to be compacted, and how.</summary>
    public SummaryWish? Summary { get; set; }

    /// <summary>What is said of tools beside their form, by their names.</summary>
    public List<(string Name, ToolHandling Said)> ToolHandlings { get; } = [];

    /// <summary>Whether the answer says why the cache was missed.</summary>
    public bool WantsDiagnostics { get; set; }

    /// <summary>Whether thoughts come back with their text, as the client says it.</summary>
    public string? ThinkingDisplay { get; set; }
    public string? ThinkingType { get; set; }

    /// <summary>The user's name as it came; other protocols have less room for it.</summary>
    public string? User { get; set; }

    /// <summary>The form of the answer, and which of its two names the client has for it.</summary>
    public RawJson Format { get; set; }
    public string FormatName { get; set; } = MessagesWords.NewerFormat;

    /// <summary>What the client says of effort counts before what its thinking budget means.</summary>
    public string? Effort { get; set; }
    public string? ThinkingEffort { get; set; }
}
