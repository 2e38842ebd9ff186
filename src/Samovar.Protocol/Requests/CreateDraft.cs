namespace Samovar.Protocol.Requests;

/// <summary>What was read of one request so far.</summary>
internal sealed class CreateDraft(CreateRequestOrigin origin)
{
    public CreateRequest Request { get; } = new();
    public bool IsSocket { get; } = origin != CreateRequestOrigin.Http;

    public bool IsPrewarm { get; set; }
    public bool HasStreamOptions { get; set; }
}
