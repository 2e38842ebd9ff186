using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that order and group.</summary>
internal static class OrderFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["sort"] = Sort,
        ["dictsort"] = SortMap,
        ["unique"] = (context, input, arguments) => Streams.Of(Unique(context, input, arguments)),
        ["min"] = (context, input, arguments) => Extreme(context, input, arguments, sign: -1),
        ["max"] = (context, input, arguments) => Extreme(context, input, arguments, sign: 1),
        ["groupby"] = Group,
    };

    private static TemplateValue.List Sort(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(1, "case_sensitive");
        var paths = arguments.Find(2, "attribute") is TemplateValue.Text several
            ? several.Value.Split(',').Select(path => AttributePath.From(path)).ToArray()
            : [AttributePath.From(arguments.Find(2, "attribute"))];
        return context.Made(Ordered(context, context.ItemsOf(input), Key, arguments.IsTrue(0, "reverse")));

        TemplateValue Key(TemplateValue item) =>
            new TemplateValue.List([.. paths.Select(path => Cased(path is null ? item : path.Read(context, item), isCased))]);
    }

    private static TemplateValue.List SortMap(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(0, "case_sensitive");
        var by = (arguments.Find(1, "by") is null ? "key" : arguments.FindText(1, "by")) switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw new TemplateException("A map is sorted by 'key' or by 'value'."),
        };
        if (input is not TemplateValue.Map map)
            throw new TemplateException($"A value of type {PythonText.TypeName(input)} has no items.");
        var pairs = Sequences.Pairs(context, map);
        return context.Made(
            Ordered(context, pairs.Items, pair => Cased(((TemplateValue.List)pair).Items[by], isCased), arguments.IsTrue(2, "reverse")));
    }

    private static IEnumerable<TemplateValue> Unique(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(0, "case_sensitive");
        var path = AttributePath.From(arguments.Find(1, "attribute"));
        var seen = new HashSet<TemplateValue>(KeyEquality.Instance);
        foreach (var item in context.ItemsOf(input))
        {
            if (seen.Add(Cased(path is null ? item : path.Read(context, item), isCased)))
                yield return item;
        }
    }

    private static TemplateValue Extreme(RenderContext context, TemplateValue input, CallArguments arguments, int sign)
    {
        var isCased = arguments.IsTrue(0, "case_sensitive");
        var path = AttributePath.From(arguments.Find(1, "attribute"));
        TemplateValue? best = null;
        TemplateValue? bestKey = null;
        foreach (var item in context.ItemsOf(input))
        {
            var key = Cased(path is null ? item : path.Read(context, item), isCased);
            if (bestKey is null || ValueOrder.Compare(context.Meter, key, bestKey) * sign > 0)
                (best, bestKey) = (item, key);
        }
        return best ?? new TemplateValue.Undefined("an item of an empty sequence");
    }

    private static TemplateValue.List Group(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var path = AttributePath.From(arguments.Require(0, "attribute"));
        var otherwise = arguments.Find(1, "default");
        var isCased = arguments.IsTrue(2, "case_sensitive");
        var groups = new List<TemplateValue>();
        TemplateValue? last = null;
        foreach (var item in Ordered(context, context.ItemsOf(input), item => Cased(Read(item), isCased), reverse: false))
        {
            var key = Cased(Read(item), isCased);
            if (last is null || !ValueOrder.AreEqual(context.Meter, last, key))
                groups.Add(TemplateValue.List.Tuple(Read(item), new TemplateValue.List([])) with { IsGroup = true });
            last = key;
            ((TemplateValue.List)((TemplateValue.List)groups[^1]).Items[1]).Items.Add(item);
        }
        return context.Made(groups);

        TemplateValue Read(TemplateValue item) => path is null ? item : path.Read(context, item, otherwise);
    }

    private static TemplateValue Cased(TemplateValue value, bool isCased) =>
        !isCased && value is TemplateValue.Text text ? new TemplateValue.Text(TextCases.Lower(text.Value)) : value;

    private static List<TemplateValue> Ordered(
        RenderContext context, IReadOnlyList<TemplateValue> items, Func<TemplateValue, TemplateValue> key, bool reverse) =>
        StableOrder.Of(items, key, Comparer<TemplateValue>.Create((a, b) => ValueOrder.Compare(context.Meter, a, b)), reverse);
}
