namespace Samovar.Protocol.Fields;

/// <summary>An API whose requests have fields.</summary>
public enum FieldApi
{
    /// <summary><c>POST /v1/responses</c>, its frames, and <c>POST /v1/responses/input_tokens</c>.</summary>
    Responses,

    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    Chat,

    /// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>.</summary>
    Messages,

    /// <summary>The queries of stored responses, conversations and chat completions, and of models.</summary>
    Queries,
}

/// <summary>One field of one API: its values, and what becomes of it.</summary>
/// <param name="Path">With dots; <c>[]</c> stands for any index.</param>
/// <param name="Uses">What each kind of backend does with it.</param>
internal sealed record FieldRow(FieldApi Api, string Path, FieldForm Form, FieldUses Uses)
{
    /// <summary>Whether the object that has it cannot be without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The field of a create request that it becomes; null where it has the same name there, or becomes none.</summary>
    public string? Means { get; init; }

    /// <summary>Values that ask for nothing: leaving them out needs no warning.</summary>
    public IReadOnlyList<string> Idle { get; init; } = [];

    /// <summary>For people: what the columns do not say.</summary>
    public string? Note { get; init; }

    /// <summary>Whether no backend does it, so that a request that asks for it does not get as far.</summary>
    public bool IsRefusedAtOnce => Uses == FieldUses.Nowhere;
    public bool IsTop => Path.AsSpan().IndexOfAny('.', '[') < 0;
}
