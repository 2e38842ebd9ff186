using System.Globalization;
using Samovar.Protocol.Errors;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Fields;

/// <summary>Checks what a query asks for, by its rows of the field table; queries without a row are passed over.</summary>
public static class QueryReader
{
    /// <param name="route">One of <see cref="QueryRoutes"/>.</param>
    /// <param name="said">The values that stand behind a name, none where it is missing.</param>
    /// <exception cref="ApiException">A value may not stand there; <c>Param</c> is the query's name.</exception>
    public static void Check(string route, Func<string, IReadOnlyList<string?>> said)
    {
        foreach (var row in QueryRows.Of(route))
        {
            // Clients put brackets behind the name of an array, or do not.
            var values = row.Form is ListForm ? [.. said(row.Path), .. said(row.Path + "[]")] : said(row.Path);
            if (values.Count == 0) continue;
            if (row.Form is ListForm { Element: var element })
            {
                foreach (var value in values) Check(row.Path, element, value ?? "");
            }
            else Check(row.Path, row.Form, string.Join(',', values));
        }
    }

    /// <summary>The error for a value that names nothing.</summary>
    public static ApiException Unknown(string name, string said, string allowed) => new(InvalidValue, [said, new OwnWords(allowed)], name);

    private static void Check(string name, FieldForm form, string said)
    {
        switch (form)
        {
            case WordForm words when !words.Words.Contains(said, StringComparer.Ordinal):
                throw Unknown(name, said, $"'{string.Join("', '", words.Words)}'");
            case IntegerForm whole when !IsWithin(whole, said):
                throw Unknown(name, said, FormattableString.Invariant($"integers from {whole.Bounds.Min} to {whole.Bounds.Max}"));
            case FlagForm when !bool.TryParse(said, out _): throw Unknown(name, said, "'true' and 'false'");
            case FlagForm { IsOffered: false } when bool.Parse(said): throw new ApiException(UnsupportedParameter, name, name);
            case RefusedForm: throw new ApiException(UnsupportedParameter, name, name);
        }
    }

    private static bool IsWithin(IntegerForm whole, string said) =>
        int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= whole.Bounds.Min && number <= whole.Bounds.Max;
}
