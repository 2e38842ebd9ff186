namespace Samovar.Backends.Embedded.Dialects;

/// <summary>How to call, shown to a model whose template writes calls in its history and has no place for tools.</summary>
internal static class CallExample
{
    private const string Name = "<function-name>";
    private const string Arguments = "<arguments-object>";

    /// <summary>One call as the template writes it; null where that is not known.</summary>
    public static string? Of(ModelDialect dialect)
    {
        if (dialect.Written is not { Spelling: { } spelling } format) return null;
        var arguments = format.Style switch
        {
            ArgumentStyle.Keyed when spelling.Keyed is { } keyed => keyed.HeadEnd + keyed.Open + "<argument-name>" + keyed.TextBetween
                + "<value>" + keyed.Close.Replace(KeyedMarks.KeyPlace.ToString(), "<argument-name>", StringComparison.Ordinal),
            ArgumentStyle.Python => "(<argument-name>=<value>, ...)",
            ArgumentStyle.Bare => "{<argument-name>:" + format.Quote + "<text>" + format.Quote + ",...}",
            _ => Arguments,
        };
        var call = Slots(spelling.BeforeName) + Name + Slots(spelling.BeforeArguments) + arguments + Slots(spelling.AfterArguments);
        return (spelling.Open + call + spelling.Close).Trim();
    }

    private static string Slots(string literal) => literal
        .Replace(CallSpelling.NamePlace.ToString(), Name, StringComparison.Ordinal)
        .Replace(CallSpelling.NumberPlace, '0')
        .Replace(CallSpelling.IdPlace.ToString(), "<nine-letters-or-digits>", StringComparison.Ordinal);
}
