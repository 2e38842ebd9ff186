namespace Samovar.Protocol.Fields;

/// <summary>The routes whose queries are checked.</summary>
public static class QueryRoutes
{
    public const string Response = "GET /v1/responses/{id}";
    public const string Items = "GET /v1/responses/{id}/input_items";
    public const string ConversationItems = "GET /v1/conversations/{id}/items";
    public const string ConversationItem = "GET /v1/conversations/{id}/items/{item_id}";
    public const string NewConversationItems = "POST /v1/conversations/{id}/items";
    public const string Completions = "GET /v1/chat/completions";
    public const string CompletionMessages = "GET /v1/chat/completions/{id}/messages";
    public const string Models = "GET /v1/models";
}
