using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Messages;

namespace Samovar.Protocol.Translation;

/// <summary>How another protocol calls what a create request has: its fields, and the kinds of its parts.</summary>
/// <param name="Fields">Fields of a create request and what they were in the client's; <c>[]</c> stands for any index. The first that fits
/// counts.</param>
/// <param name="Kinds">Words of our own that errors quote.</param>
/// <param name="Explain">Gives an error the form that clients of the protocol read.</param>
public sealed record ApiWords(
    IReadOnlyList<(string Ours, string Theirs)> Fields, IReadOnlyList<(string Ours, string Theirs)> Kinds,
    Func<ApiException, ApiException> Form)
{
    public static readonly ApiWords OfMessages = new(
        Named(FieldApi.Messages, ("input", "messages")),
        [("input_image", "image"), ("input_file", "document"), ("input_text", "text"), ("required", "any")], MessagesPath.Explain);

    private static readonly (string, string)[] ChatKinds = [("input_image", "image_url"), ("input_file", "file"), ("input_text", "text")];
    private static readonly ApiWords ChatOlder = Chat("max_tokens");
    private static readonly ApiWords ChatNewer = Chat("max_completion_tokens");

    /// <param name="outputLimit">Which of its two names the client used for the longest answer.</param>
    public static ApiWords OfChat(string outputLimit) => outputLimit == "max_tokens" ? ChatOlder : ChatNewer;

    /// <summary>The same error in the client's words.</summary>
    public ApiException Explain(ApiException error)
    {
        foreach (var (ours, theirs) in Kinds)
        {
            if (!error.Message.Contains($"'{ours}'", StringComparison.Ordinal)) continue;
            error = error.Saying(error.Message.Replace($"'{ours}'", $"'{theirs}'", StringComparison.Ordinal));
        }
        return Form(error);
    }

    /// <summary>The create request's name for a field that this protocol calls so; one item is not told from another.</summary>
    public string Ours(string theirs)
    {
        if (theirs.StartsWith("messages", StringComparison.Ordinal)) return "input";
        foreach (var names in Fields.OrderByDescending(names => names.Theirs.Length))
            if (PlaceNames.Renamed(theirs, names.Theirs, names.Ours) is { } ours) return ours;
        return theirs;
    }

    private static ApiWords Chat(string outputLimit) => new(
        Named(FieldApi.Chat, ("input", "messages"), ("max_output_tokens", outputLimit)), ChatKinds, static error => error);

    /// <summary>The rows of the field table that say what they mean, the narrowest first.</summary>
    private static (string Ours, string Theirs)[] Named(FieldApi api, params (string, string)[] first) =>
    [
        .. first,
        .. FieldRows.Of(api).Where(row => row.Means is not null).Select(row => (row.Means!, row.Path))
            .OrderByDescending(names => names.Item1.Length),
    ];
}
