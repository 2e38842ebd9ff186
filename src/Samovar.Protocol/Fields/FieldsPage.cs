using System.Globalization;
using System.Text;

namespace Samovar.Protocol.Fields;

/// <summary>The field table as the page that users read (docs/fields.md).</summary>
internal static class FieldsPage
{
    private const string Head = """
        # Fields

        Generated from `src/Samovar.Protocol/Fields`; a test compares them, and another one walks every row: a wrong value is refused
        with the field's name in `param`, a right one is accepted. To write this page again: `SAMOVAR_REGENERATE=1 ./samovar test`.

        - What is accepted is done, or named: a column says what each kind of backend does with the field.
          **done**: by this server, or passed to the upstream in its own terms. **passed on**: sent as it came. **providers**: passed on
          to providers (`openai`, `xai`, `anthropic`, `samovar`), elsewhere left out and named. **engines**: passed on to all others,
          left out and named at providers. **Samovar**: passed on to another Samovar, elsewhere left out and named. **named**: left out,
          and named among `dropped` in the request's record where it asks for something.
          **refused**: answered with `unsupported_parameter`.
        - `null` counts as absent. A field in bold is required in the object that it belongs to.
        - Errors use the names of the API that was called. Messages writes places with dots: `messages.2.content.0.text`.
        - Fields without a row are [kept and passed over](decisions/0001-unknown-fields.md); those of a Messages client go to upstreams of
          its API as they came.

        """;

    private static readonly (FieldApi Api, string Title)[] Parts =
    [
        (FieldApi.Responses, "Responses: `POST /v1/responses`, its frames, and `POST /v1/responses/input_tokens`"),
        (FieldApi.Chat, "Chat Completions: `POST /v1/chat/completions`"),
        (FieldApi.Messages, "Messages: `POST /v1/messages` and `POST /v1/messages/count_tokens`"),
    ];

    public static string Markdown()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var (api, title) in Parts)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            page.Append("| field | value | embedded | Responses | Chat | Messages |\n| --- | --- | --- | --- | --- | --- |\n");
            foreach (var row in FieldRows.Of(api)) Write(page, row);
        }
        page.Append("\n## Queries\n\n| query | of | value |\n| --- | --- | --- |\n");
        foreach (var row in FieldRows.Of(FieldApi.Queries))
            page.Append(CultureInfo.InvariantCulture, $"| `{row.Path}` | {row.Note!["of ".Length..]} | {row.Form.Description} |\n");
        return page.ToString();
    }

    private static void Write(StringBuilder page, FieldRow row)
    {
        var name = row.IsRequired ? $"**`{row.Path}`**" : $"`{row.Path}`";
        var value = row.Note is null ? row.Form.Description : $"{row.Form.Description} ({row.Note})";
        var uses = row.Uses;
        page.Append(CultureInfo.InvariantCulture,
            $"| {name} | {value} | {Word(uses.Embedded)} | {Word(uses.Responses)} | {Word(uses.Chat)} | {Word(uses.Messages)} |\n");
    }

    private static string Word(FieldUse use) => use switch
    {
        FieldUse.Done => "done",
        FieldUse.PassedOn => "passed on",
        FieldUse.ForProviders => "providers",
        FieldUse.ForEngines => "engines",
        FieldUse.ForSamovar => "Samovar",
        FieldUse.Named => "named",
        _ => "refused",
    };
}
