namespace Samovar.Protocol.Fields;

/// <summary>The routes whose queries are checked.</summary>
public static class QueryRoutes
{
    public const string Response = "GET /v1/responses/{id}";
    public const string Items = "GET /v1/responses/{id}/input_items";
    public const string Models = "GET /v1/models";
}
