using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Every filter and every test by its name.</summary>
internal static class Library
{
    private static readonly FrozenDictionary<string, TemplateFilter> Filters = new[]
    {
        ValueFilters.All, TextFilters.All, MarkupFilters.All, SequenceFilters.All, OrderFilters.All,
        new ProjectionFilters(FindFilter, FindTest).All,
    }.SelectMany(filters => filters).ToFrozenDictionary(filter => filter.Key, filter => Checked(filter.Key, filter.Value),
        StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ValueTest> Tests = new Dictionary<string, ValueTest>(StringComparer.Ordinal)
    {
        ["filter"] = (_, value, _) => FindFilter(Name(value)) is not null,
        ["test"] = (_, value, _) => FindTest(Name(value)) is not null,
    }.Concat(ValueTests.All).ToFrozenDictionary(test => test.Key, test => Checked(test.Key, test.Value), StringComparer.Ordinal);

    public static TemplateFilter? FindFilter(string name) => Filters.GetValueOrDefault(name);

    public static ValueTest? FindTest(string name) => Tests.GetValueOrDefault(name);

    private static string Name(TemplateValue value) => value switch
    {
        TemplateValue.Text text => text.Value,
        _ when KeyEquality.IsKey(value) => "",
        _ => throw new TemplateException($"A value of type {PythonText.TypeName(value)} names nothing."),
    };

    private static TemplateFilter Checked(string name, TemplateFilter filter)
    {
        var signature = Signatures.OfFilter(name);
        return (context, input, arguments) =>
        {
            signature.Check(arguments);
            return filter(context, input, arguments);
        };
    }

    private static ValueTest Checked(string name, ValueTest test)
    {
        var signature = Signatures.OfTest(name);
        return (context, value, arguments) =>
        {
            signature.Check(arguments);
            return test(context, value, arguments);
        };
    }
}
