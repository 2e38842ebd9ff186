namespace Samovar.Protocol.Fields;

/// <summary>What a query may ask of stored responses, conversations and chat completions, and of models.</summary>
internal static class QueryRows
{
    public static readonly IReadOnlyList<FieldRow> All =
    [
        Row("include", Forms.Include, QueryRoutes.Response),
        Row("stream", Forms.Flag, QueryRoutes.Response),
        Row("starting_after", Forms.EventNumber, QueryRoutes.Response),
        Row("include_obfuscation", Forms.Off, QueryRoutes.Response),
        Row("limit", Forms.PageLimit, QueryRoutes.Items),
        Row("order", Forms.Order, QueryRoutes.Items),
        Row("after", Forms.Id, QueryRoutes.Items),
        Row("before", Forms.Id, QueryRoutes.Items),
        Row("include", Forms.Include, QueryRoutes.Items),
        Row("limit", Forms.PageLimit, QueryRoutes.ConversationItems),
        Row("order", Forms.Order, QueryRoutes.ConversationItems),
        Row("after", Forms.Id, QueryRoutes.ConversationItems),
        Row("include", Forms.Include, QueryRoutes.ConversationItems),
        Row("include", Forms.Include, QueryRoutes.ConversationItem),
        Row("include", Forms.Include, QueryRoutes.NewConversationItems),
        Row("limit", Forms.PageLimit, QueryRoutes.Completions),
        Row("order", Forms.Order, QueryRoutes.Completions),
        Row("after", Forms.Id, QueryRoutes.Completions),
        Row("model", Forms.Any, QueryRoutes.Completions),
        Row("limit", Forms.PageLimit, QueryRoutes.CompletionMessages),
        Row("order", Forms.Order, QueryRoutes.CompletionMessages),
        Row("after", Forms.Id, QueryRoutes.CompletionMessages),
        Row("limit", Forms.ModelsLimit, QueryRoutes.Models),
        Row("after_id", Forms.Id, QueryRoutes.Models),
        Row("before_id", Forms.Id, QueryRoutes.Models),
    ];

    public static IEnumerable<FieldRow> Of(string route) => All.Where(row => row.Note == NoteOf(route));

    private static string NoteOf(string route) => $"of `{route}`";

    private static FieldRow Row(string path, FieldForm form, string route) =>
        new(FieldApi.Queries, path, form, FieldUses.Here) { Note = NoteOf(route) };
}
