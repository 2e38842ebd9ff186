using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>What stands after a <c>|</c>.</summary>
internal delegate TemplateValue TemplateFilter(RenderContext context, TemplateValue input, CallArguments arguments);

/// <summary>Every filter by its name.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, TemplateFilter> All = new[]
    {
        ValueFilters.All, TextFilters.All, SequenceFilters.All, OrderFilters.All, ProjectionFilters.All,
    }.SelectMany(filters => filters).ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateFilter? Find(string name) => All.GetValueOrDefault(name);
}
