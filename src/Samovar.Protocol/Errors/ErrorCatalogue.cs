using System.Globalization;
using System.Text;

namespace Samovar.Protocol.Errors;

/// <summary>The catalogue as the page that users read (docs/errors.md).</summary>
internal static class ErrorCatalogue
{
    private const string Head = """
        # Errors

        Generated from `src/Samovar.Protocol/Errors/Errors.cs`; a test compares them. To regenerate this page:
        `SAMOVAR_REGENERATE=1 ./samovar test`.

        - Over HTTP, with `stream` or without, an error before the response began is its status with the body
          `{"error":{"message","type","param","code"}}`.
        - On a WebSocket it is one frame `{"type":"error","status","error":{…}}`, with `stream_id` where it belongs to a named lane. The
          connection stays usable.
        - After `response.created` a response that fails ends with `response.failed`, whose `response.error` has the code and the message;
          over HTTP without `stream` that response is the answer, with status 200 and `"status":"failed"`.
        - `param` names the offending field, such as `input[0].content[1].text`.
        - Where waiting helps, `retry-after` is a header over HTTP, and stands in `headers` of the frame on a WebSocket.

        | code | status | type | again? | message |
        | --- | --- | --- | --- | --- |

        """;

    public static string Markdown()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var kind in Errors.All)
        {
            var again = kind.Retryable ? "yes" : "no";
            page.Append(CultureInfo.InvariantCulture, $"| `{kind.Code}` | {kind.Status} | `{kind.Type}` | {again} | {kind.Message} |\n");
        }
        return page.ToString();
    }
}
