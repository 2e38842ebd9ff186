namespace Samovar.Protocol.Fields;

/// <summary>What a query may ask of stored responses, of their input items, and of models.</summary>
internal static class QueryRows
{
    public const string Response = "GET /v1/responses/{id}";
    public const string Items = "GET /v1/responses/{id}/input_items";
    public const string Models = "GET /v1/models";

    public static readonly IReadOnlyList<FieldRow> All =
    [
        Row("include", Forms.Includable, Response),
        Row("stream", Forms.Off, Response),
        Row("starting_after", Forms.Refused, Response),
        Row("include_obfuscation", Forms.Off, Response),
        Row("limit", Forms.PageLimit, Items),
        Row("order", Forms.Order, Items),
        Row("after", Forms.Id, Items),
        Row("before", Forms.Refused, Items),
        Row("include", Forms.Includable, Items),
        Row("limit", Forms.ModelsLimit, Models),
        Row("after_id", Forms.Id, Models),
        Row("before_id", Forms.Id, Models),
    ];

    private static FieldRow Row(string path, FieldForm form, string route) =>
        new(FieldApi.Queries, path, form, FieldRows.Here) { Note = $"of `{route}`" };
}
