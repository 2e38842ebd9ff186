using Samovar.Protocol.Items;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>What was read of one message so far.</summary>
internal sealed class ChatMessageDraft
{
    public string? Role { get; set; }
    public IReadOnlyList<InputPart>? Content { get; set; }

    /// <summary>Distinguishes speakers of one role; kept with what is said, and sent to no model.</summary>
    public string? Name { get; set; }
    public string? Refusal { get; set; }
    public string? Reasoning { get; set; }
    public string? ToolCallId { get; set; }
    public List<Item> Calls { get; } = [];
}
