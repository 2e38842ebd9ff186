using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>What was read of one item so far.</summary>
internal sealed class ItemDraft
{
    public string? Id { get; set; }
    public string? CallId { get; set; }
    public string? Name { get; set; }
    public string? Namespace { get; set; }
    public string? Phase { get; set; }
    public string? Status { get; set; }
    public bool IsCutOff => Status == "incomplete";
    public bool IsAsync { get; set; }
    public bool HasExtra { get; set; }
    public string? EncryptedContent { get; set; }

    /// <summary>A function call's arguments or a custom call's input.</summary>
    public string? Payload { get; set; }
    public Role? Role { get; set; }

    /// <summary>A message's content or a tool's output.</summary>
    public IReadOnlyList<ContentPart>? Parts { get; set; }
    public IReadOnlyList<string> Summary { get; set; } = [];
    public IReadOnlyList<string> Reasoning { get; set; } = [];
    public ToolList? Tools { get; set; }

    /// <summary>Throws where a field that the kind cannot do without is missing.</summary>
    public static T Need<T>(T? value, ref JsonCursor json, string field) where T : class
    {
        return value ?? throw json.Missing(field);
    }
}
