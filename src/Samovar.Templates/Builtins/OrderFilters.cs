using System.Runtime.ExceptionServices;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that order and group.</summary>
internal static class OrderFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["sort"] = Sort,
        ["dictsort"] = SortMap,
        ["unique"] = Unique,
        ["min"] = (context, input, arguments) => Extreme(context, input, arguments, sign: -1),
        ["max"] = (context, input, arguments) => Extreme(context, input, arguments, sign: 1),
        ["groupby"] = Group,
    };

    private static TemplateValue.List Sort(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(1, "case_sensitive");
        var paths = (arguments.Find(2, "attribute") is TemplateValue.Text several ? several.Value.Split(',') : [])
            .Select(path => AttributePath.From(path)!).ToArray();
        if (paths.Length == 0 && AttributePath.From(arguments.Find(2, "attribute")) is { } single)
            paths = [single];
        var sorted = Ordered(context, context.ItemsOf(input), Key, arguments.IsTrue(0, "reverse"));
        return context.Made(sorted);

        TemplateValue Key(TemplateValue item) => paths.Length == 0
            ? Cased(item, isCased)
            : new TemplateValue.List([.. paths.Select(path => Cased(path.Read(context, item), isCased))]);
    }

    private static TemplateValue.List SortMap(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(0, "case_sensitive");
        var by = arguments.FindText(1, "by") switch
        {
            null or "key" => 0,
            "value" => 1,
            _ => throw new TemplateException("A map is sorted by 'key' or by 'value'."),
        };
        var pairs = Sequences.Pairs(context, input);
        return context.Made(
            Ordered(context, pairs.Items, pair => Cased(((TemplateValue.List)pair).Items[by], isCased), arguments.IsTrue(2, "reverse")));
    }

    private static TemplateValue.List Unique(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var isCased = arguments.IsTrue(0, "case_sensitive");
        var path = AttributePath.From(arguments.Find(1, "attribute"));
        var seen = new List<TemplateValue>();
        var kept = new List<TemplateValue>();
        foreach (var item in context.ItemsOf(input))
        {
            var key = Cased(path is null ? item : path.Read(context, item), isCased);
            if (ValueOrder.IndexOf(context, seen, key) >= 0)
                continue;
            seen.Add(key);
            kept.Add(item);
        }
        return context.Made(kept);
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
        var path = AttributePath.From(arguments.Require(0, "attribute"))!;
        var isCased = arguments.IsTrue(2, "case_sensitive");
        var groups = new List<TemplateValue>();
        TemplateValue? last = null;
        foreach (var item in Ordered(context, context.ItemsOf(input), Key, reverse: false))
        {
            var key = Key(item);
            if (last is null || !ValueOrder.AreEqual(context.Meter, last, key))
                groups.Add(TemplateValue.List.Tuple(path.Read(context, item), new TemplateValue.List([])));
            last = key;
            ((TemplateValue.List)((TemplateValue.List)groups[^1]).Items[1]).Items.Add(item);
        }
        return context.Made(groups);

        TemplateValue Key(TemplateValue item) => Cased(path.Read(context, item, arguments.Find(1, "default")), isCased);
    }

    private static TemplateValue Cased(TemplateValue value, bool isCased) =>
        !isCased && value is TemplateValue.Text text ? new TemplateValue.Text(text.Value.ToLowerInvariant()) : value;

    /// <summary>Sorts and leaves equals in their order, also when reversed.</summary>
    private static List<TemplateValue> Ordered(
        RenderContext context, IReadOnlyList<TemplateValue> items, Func<TemplateValue, TemplateValue> key, bool reverse)
    {
        var comparer = Comparer<TemplateValue>.Create((a, b) => ValueOrder.Compare(context.Meter, a, b));
        try
        {
            return [.. reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException); // the sort wraps what the comparer throws
            throw;
        }
    }
}
