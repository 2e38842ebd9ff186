using System.Globalization;
using Microsoft.AspNetCore.Http;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;

namespace Samovar.Server.Http;

/// <summary>Reads what a query asks for, by the forms of the field table; a wrong value is refused with the query's name.</summary>
internal static class Queries
{
    public static int Whole(this IQueryCollection query, string name, IntegerForm form, int otherwise)
    {
        if (!query.TryGetValue(name, out var said)) return otherwise;
        var (min, max) = form.Bounds;
        return int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number : throw Wrong(name, said.ToString(), string.Create(CultureInfo.InvariantCulture, $"integers from {min} to {max}"));
    }

    public static string? Word(this IQueryCollection query, string name, WordForm form) =>
        query.TryGetValue(name, out var said) ? One(name, said.ToString(), form) : null;

    /// <summary>An array, with brackets behind its name or without.</summary>
    public static void Words(this IQueryCollection query, string name, WordForm form)
    {
        foreach (var word in query[name].Concat(query[name + "[]"])) One(name, word ?? "", form);
    }

    /// <summary>What is not offered: only <c>false</c> may stand there.</summary>
    public static void Off(this IQueryCollection query, string name)
    {
        if (!query.TryGetValue(name, out var said)) return;
        if (!bool.TryParse(said, out var isOn)) throw Wrong(name, said.ToString(), "'true' and 'false'");
        if (isOn) throw new ApiException(Errors.UnsupportedParameter, name, param: name);
    }

    public static void Refused(this IQueryCollection query, string name)
    {
        if (query.ContainsKey(name)) throw new ApiException(Errors.UnsupportedParameter, name, param: name);
    }

    public static ApiException Wrong(string name, string said, string allowed) =>
        new(Errors.InvalidValue, [said, allowed], param: name);

    private static string One(string name, string said, WordForm form) => form.Words.Contains(said, StringComparer.Ordinal)
        ? said : throw Wrong(name, said, $"'{string.Join("', '", form.Words)}'");
}
