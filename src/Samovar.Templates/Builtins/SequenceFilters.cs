using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Filters that count, pick and lay out the items of a value.</summary>
internal static class SequenceFilters
{
    public static readonly Dictionary<string, TemplateFilter> All = new(StringComparer.Ordinal)
    {
        ["length"] = (_, input, _) => new TemplateValue.Int(Sequences.Count(input)),
        ["count"] = (_, input, _) => new TemplateValue.Int(Sequences.Count(input)),
        ["list"] = (context, input, _) => context.Made([.. context.ItemsOf(input)]),
        ["first"] = (context, input, _) => First(context, input),
        ["last"] = (context, input, _) => Last(context, input),
        ["items"] = (context, input, _) => Streams.Of(Items(context, input)),
        ["join"] = Join,
        ["reverse"] = (context, input, _) => Reverse(context, input),
        ["batch"] = (context, input, arguments) => Streams.Of(Batch(context, input, arguments)),
        ["slice"] = (context, input, arguments) => Streams.Of(Slice(context, input, arguments)),
        ["sum"] = Sum,
    };

    private static TemplateValue First(RenderContext context, TemplateValue input)
    {
        if (input is TemplateValue.Stream stream)
            return stream.Items.MoveNext() ? stream.Items.Current : new TemplateValue.Undefined("first");
        return context.ItemsOf(input) is [var first, ..] ? first : new TemplateValue.Undefined("first");
    }

    private static TemplateValue Last(RenderContext context, TemplateValue input)
    {
        if (input is TemplateValue.Stream)
            throw new TemplateException("What is walked item by item has no last item.");
        if (context.ItemsOf(input) is not [.., var last])
            return new TemplateValue.Undefined("last");
        return input is TemplateValue.Text { IsMarkup: true } && last is TemplateValue.Text text ? text with { IsMarkup = true } : last;
    }

    private static List<TemplateValue> Items(RenderContext context, TemplateValue input) => input switch
    {
        TemplateValue.Map map => Sequences.Pairs(context, map).Items,
        TemplateValue.Undefined => [],
        _ => throw new TemplateException($"A value of type {PythonText.TypeName(input)} has no items."),
    };

    private static TemplateValue.Text Join(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var separator = arguments.Find(0, "d") ?? TemplateValue.Text.Empty;
        var path = AttributePath.From(arguments.Find(1, "attribute"));
        var items = context.ItemsOf(input).Select(item => path is null ? item : path.Read(context, item)).ToList();
        var isMarkup = context.Escapes && (items.Append(separator).Any(item => item is TemplateValue.Text { IsMarkup: true }));
        var between = isMarkup ? Markup.Escaped(context, separator) : context.TextOf(separator);
        var mark = context.Buffer.Length;
        for (var at = 0; at < items.Count; at++)
        {
            if (at > 0)
                context.Buffer.Write(between);
            if (isMarkup)
                context.Buffer.Write(Markup.Escaped(context, items[at]));
            else
                PythonText.Write(context, items[at]);
        }
        return context.Made(context.Buffer.Cut(mark)) with { IsMarkup = isMarkup };
    }

    /// <summary>A text, or what walks backwards; what can be walked only forwards becomes a list.</summary>
    private static TemplateValue Reverse(RenderContext context, TemplateValue input)
    {
        var items = context.ItemsOf(input).Reverse();
        return input switch
        {
            TemplateValue.Text text => text with { Value = string.Concat(items.Select(item => ((TemplateValue.Text)item).Value)) },
            TemplateValue.Stream => context.Made(items.ToList()),
            _ => Streams.Of(items),
        };
    }

    private static IEnumerable<TemplateValue> Batch(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var size = arguments.RequireInt(0, "linecount");
        var fill = arguments.Find(1, "fill_with");
        var batch = new List<TemplateValue>();
        foreach (var item in context.ItemsOf(input))
        {
            if (batch.Count == size)
            {
                yield return context.Made(batch);
                batch = [];
            }
            batch.Add(item);
        }
        if (batch.Count == 0)
            yield break;
        for (context.Meter.ChargeItems(Math.Max(0, size)); fill is not (null or TemplateValue.None) && batch.Count < size;)
            batch.Add(fill);
        yield return context.Made(batch);
    }

    private static IEnumerable<TemplateValue> Slice(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var slices = arguments.RequireInt(0, "slices");
        if (slices == 0)
            throw new TemplateException("The number of parts must not be zero.");
        var fill = arguments.Find(1, "fill_with");
        var items = context.ItemsOf(input);
        var (size, larger) = (items.Count / slices, items.Count % slices);
        for (int at = 0, taken = 0; at < slices; at++)
        {
            var count = size + (at < larger ? 1 : 0);
            var column = items.Skip(taken).Take(count).ToList();
            taken += count;
            if (at >= larger && fill is not (null or TemplateValue.None))
                column.Add(fill);
            context.Meter.Step();
            yield return context.Made(column);
        }
    }

    private static TemplateValue Sum(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var path = AttributePath.From(arguments.Find(0, "attribute"));
        var sum = arguments.Find(1, "start") ?? new TemplateValue.Int(0);
        if (sum is TemplateValue.Text)
            throw new TemplateException("Texts are joined, not summed.");
        foreach (var item in context.ItemsOf(input))
            sum = Arithmetic.Compute(context, BinaryOperator.Add, sum, path is null ? item : path.Read(context, item));
        return sum;
    }
}
