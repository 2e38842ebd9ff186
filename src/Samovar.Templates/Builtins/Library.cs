using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Every filter and every test by its name.</summary>
internal static class Library
{
    private static readonly FrozenDictionary<string, TemplateFilter> Filters = new[]
    {
        ValueFilters.All, TextFilters.All, SequenceFilters.All, OrderFilters.All, new ProjectionFilters(FindFilter, FindTest).All,
    }.SelectMany(filters => filters).ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ValueTest> Tests = new Dictionary<string, ValueTest>(StringComparer.Ordinal)
    {
        ["filter"] = (context, value, _) => FindFilter(context.TextOf(value)) is not null,
        ["test"] = (context, value, _) => FindTest(context.TextOf(value)) is not null,
    }.Concat(ValueTests.All).ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateFilter? FindFilter(string name) => Filters.GetValueOrDefault(name);

    public static ValueTest? FindTest(string name) => Tests.GetValueOrDefault(name);
}
