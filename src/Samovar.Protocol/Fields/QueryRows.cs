namespace Samovar.Protocol.Fields;

/// <summary>What a query may ask of stored responses, of their input items, and of models.</summary>
internal static class QueryRows
{
    public static readonly IReadOnlyList<FieldRow> All =
    [
        Row("include", Forms.Include, QueryReader.Response),
        Row("stream", Forms.Off, QueryReader.Response),
        Row("starting_after", Forms.Refused, QueryReader.Response),
        Row("include_obfuscation", Forms.Off, QueryReader.Response),
        Row("limit", Forms.PageLimit, QueryReader.Items),
        Row("order", Forms.Order, QueryReader.Items),
        Row("after", Forms.Id, QueryReader.Items),
        Row("before", Forms.Refused, QueryReader.Items),
        Row("include", Forms.Include, QueryReader.Items),
        Row("limit", Forms.ModelsLimit, QueryReader.Models),
        Row("after_id", Forms.Id, QueryReader.Models),
        Row("before_id", Forms.Id, QueryReader.Models),
    ];

    public static IEnumerable<FieldRow> Of(string route) => All.Where(row => row.Note == NoteOf(route));

    private static string NoteOf(string route) => $"of `{route}`";

    private static FieldRow Row(string path, FieldForm form, string route) =>
        new(FieldApi.Queries, path, form, FieldUses.Here) { Note = NoteOf(route) };
}
