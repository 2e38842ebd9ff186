using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that lay another filter or a test over every item, when the item is walked to.</summary>
/// <remarks>As in the reference, whatever counts as false has no items: a none, a zero, an empty text.</remarks>
/// <param name="findFilter">The filter of a name.</param>
/// <param name="findTest">The test of a name.</param>
internal sealed class ProjectionFilters(Func<string, TemplateFilter?> findFilter, Func<string, ValueTest?> findTest)
{
    public Dictionary<string, TemplateFilter> All => new(StringComparer.Ordinal)
    {
        ["map"] = (context, input, arguments) => Streams.Of(Map(context, input, arguments)),
        ["select"] = (context, input, arguments) => Streams.Of(Where(context, input, arguments, byAttribute: false, keep: true)),
        ["reject"] = (context, input, arguments) => Streams.Of(Where(context, input, arguments, byAttribute: false, keep: false)),
        ["selectattr"] = (context, input, arguments) => Streams.Of(Where(context, input, arguments, byAttribute: true, keep: true)),
        ["rejectattr"] = (context, input, arguments) => Streams.Of(Where(context, input, arguments, byAttribute: true, keep: false)),
    };

    private IEnumerable<TemplateValue> Map(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (!Truth.Of(input))
            yield break;
        var project = Projection(context, arguments);
        foreach (var item in context.ItemsOf(input))
            yield return project(item);
    }

    private Func<TemplateValue, TemplateValue> Projection(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
        {
            arguments.Allow(0, "attribute", "default");
            var path = AttributePath.From(arguments.Require(int.MaxValue, "attribute"));
            var otherwise = arguments.Find(int.MaxValue, "default");
            return item => path is null ? item : path.Read(context, item, otherwise);
        }
        var name = arguments.RequireText(0, "filter");
        var remaining = arguments.Skip(1);
        return item => (findFilter(name) ?? throw new TemplateException($"The filter '{name}' is not known."))(context, item, remaining);
    }

    private IEnumerable<TemplateValue> Where(
        RenderContext context, TemplateValue input, CallArguments arguments, bool byAttribute, bool keep)
    {
        if (!Truth.Of(input))
            yield break;
        var path = byAttribute ? AttributePath.From(arguments.Positional is [var attribute, ..]
            ? attribute : throw new TemplateException("The name of the attribute is missing.")) : null;
        var test = Test(byAttribute ? arguments.Skip(1) : arguments);
        foreach (var item in context.ItemsOf(input))
        {
            if (test(context, path is null ? item : path.Read(context, item)) == keep)
                yield return item;
        }
    }

    private Func<RenderContext, TemplateValue, bool> Test(CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
            return (_, value) => Truth.Of(value);
        var name = arguments.RequireText(0, "test");
        var remaining = arguments.Skip(1);
        return (context, value) =>
            (findTest(name) ?? throw new TemplateException($"The test '{name}' is not known."))(context, value, remaining);
    }
}
