using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;

namespace Samovar.Protocol.Translation;

/// <summary>How another protocol calls what a create request has: its fields, and the kinds of its parts.</summary>
/// <param name="Fields">Fields of a create request and what they are in the protocol; <c>[]</c> stands for any index. The first that fits
/// counts.</param>
/// <param name="Kinds">Words of our own that errors quote, and the protocol's.</param>
/// <param name="Form">Gives an error the form that clients of the protocol read.</param>
public sealed record ApiWords(
    IReadOnlyList<(string Ours, string Theirs)> Fields, IReadOnlyList<(string Ours, string Theirs)> Kinds,
    Func<ApiException, ApiException> Form)
{
    /// <summary>The same error in the protocol's words.</summary>
    public ApiException Explain(ApiException error)
    {
        foreach (var (ours, theirs) in Kinds)
        {
            if (!error.Message.Contains($"'{ours}'", StringComparison.Ordinal)) continue;
            error = error.Saying(error.Message.Replace($"'{ours}'", $"'{theirs}'", StringComparison.Ordinal));
        }
        return Form(error);
    }

    /// <summary>
    /// The same of an error of which only the words are left, as a response keeps it: the field is the one that they begin with. Places
    /// inside a field are not told apart.
    /// </summary>
    public ApiException ExplainKept(ApiException error)
    {
        var end = error.Message.StartsWith('\'') ? error.Message.IndexOf('\'', 1) : -1;
        if (error.Param is not null || end < 0) return Explain(error);
        var ours = error.Message[1..end];
        var theirs = Fields.FirstOrDefault(names => names.Ours == ours).Theirs;
        return Explain(theirs is null ? error : error.Saying($"'{theirs}'{error.Message[(end + 1)..]}").At(theirs));
    }

    /// <summary>The create request's name for a field that the protocol calls so; items are not told apart.</summary>
    public string Ours(string theirs)
    {
        if (theirs.StartsWith("messages", StringComparison.Ordinal)) return "input";
        foreach (var names in Fields.OrderByDescending(names => names.Theirs.Length))
            if (PathNames.Renamed(theirs, names.Theirs, names.Ours) is { } ours) return ours;
        return theirs;
    }

    /// <summary>The rows of the field table that say what they mean, the narrowest first.</summary>
    /// <param name="first">Names that count before those.</param>
    internal static (string Ours, string Theirs)[] Named(FieldApi api, params (string, string)[] first) =>
    [
        .. first,
        .. FieldRows.Of(api).Where(row => row.Means is not null).Select(row => (row.Means!, row.Path))
            .OrderByDescending(names => names.Item1.Length),
    ];
}
