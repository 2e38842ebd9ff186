namespace Samovar.Protocol.Requests;

/// <summary>What was read of one request so far.</summary>
internal sealed class CreateDraft(CreateRequestOrigin origin)
{
    public CreateRequest Request { get; } = new();
    public bool IsSocket { get; } = origin != CreateRequestOrigin.Http;

    /// <summary>Fields that are refused once the whole is read, so that the answer can speak of what else is there.</summary>
    public bool HasConversation { get; set; }
    public bool IsPrewarm { get; set; }
    public bool HasStreamOptions { get; set; }
}
