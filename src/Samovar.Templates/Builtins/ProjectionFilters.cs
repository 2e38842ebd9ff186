using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that lay another filter or a test over every item.</summary>
/// <param name="findFilter">The filter of a name.</param>
/// <param name="findTest">The test of a name.</param>
internal sealed class ProjectionFilters(Func<string, TemplateFilter?> findFilter, Func<string, ValueTest?> findTest)
{
    public Dictionary<string, TemplateFilter> All => new(StringComparer.Ordinal)
    {
        ["map"] = Map,
        ["select"] = (context, input, arguments) => Where(context, input, Test(arguments), path: null, keep: true),
        ["reject"] = (context, input, arguments) => Where(context, input, Test(arguments), path: null, keep: false),
        ["selectattr"] = (context, input, arguments) => WhereAttribute(context, input, arguments, keep: true),
        ["rejectattr"] = (context, input, arguments) => WhereAttribute(context, input, arguments, keep: false),
    };

    private TemplateValue.List Map(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var project = Projection(context, arguments);
        return context.Made(context.ItemsOf(input).Select(project).ToList());
    }

    private Func<TemplateValue, TemplateValue> Projection(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
        {
            var path = AttributePath.From(arguments.Require(int.MaxValue, "attribute"))!;
            var otherwise = arguments.Find(int.MaxValue, "default");
            return item => path.Read(context, item, otherwise);
        }
        var name = arguments.RequireText(0, "filter");
        var filter = findFilter(name) ?? throw new TemplateException($"The filter '{name}' is not known.");
        var remaining = arguments.Skip(1);
        return item => filter(context, item, remaining);
    }

    private Func<RenderContext, TemplateValue, bool> Test(CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
            return (_, value) => Truth.Of(value);
        var name = arguments.RequireText(0, "test");
        var test = findTest(name) ?? throw new TemplateException($"The test '{name}' is not known.");
        var remaining = arguments.Skip(1);
        return (context, value) => test(context, value, remaining);
    }

    private TemplateValue.List WhereAttribute(RenderContext context, TemplateValue input, CallArguments arguments, bool keep)
    {
        var path = AttributePath.From(arguments.Require(0, "attribute"));
        return Where(context, input, Test(arguments.Skip(1)), path, keep);
    }

    private static TemplateValue.List Where(
        RenderContext context, TemplateValue input, Func<RenderContext, TemplateValue, bool> test, AttributePath? path, bool keep) =>
        context.Made(context.ItemsOf(input).Where(item => test(context, path is null ? item : path.Read(context, item)) == keep).ToList());
}
