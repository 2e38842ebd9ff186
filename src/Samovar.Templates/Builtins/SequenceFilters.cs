using Samovar.Templates.Syntax;
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
        ["first"] = (context, input, _) => context.ItemsOf(input) is [var first, ..] ? first : new TemplateValue.Undefined("first"),
        ["last"] = (context, input, _) => context.ItemsOf(input) is [.., var last] ? last : new TemplateValue.Undefined("last"),
        ["items"] = (context, input, _) => Sequences.Pairs(context, input),
        ["join"] = Join,
        ["reverse"] = Reverse,
        ["batch"] = Batch,
        ["slice"] = Slice,
        ["sum"] = Sum,
    };

    private static TemplateValue.Text Join(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var separator = context.TextOf(arguments.Find(0, "d") ?? TemplateValue.Text.Empty);
        var path = AttributePath.From(arguments.Find(1, "attribute"));
        var mark = context.Buffer.Length;
        var items = context.ItemsOf(input);
        for (var at = 0; at < items.Count; at++)
        {
            if (at > 0)
                context.Buffer.Write(separator);
            PythonText.Write(context, path is null ? items[at] : path.Read(context, items[at]));
        }
        return context.Made(context.Buffer.Cut(mark));
    }

    private static TemplateValue Reverse(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var items = context.ItemsOf(input).Reverse().ToList();
        return input is TemplateValue.Text
            ? context.Made(string.Concat(items.Select(item => ((TemplateValue.Text)item).Value)))
            : context.Made(items);
    }

    private static TemplateValue.List Batch(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var size = Positive(arguments.FindInt(0, "linecount"));
        var fill = arguments.Find(1, "fill_with");
        var batches = new List<TemplateValue>();
        foreach (var chunk in context.ItemsOf(input).Chunk(size))
        {
            var items = chunk.ToList();
            for (context.Meter.ChargeItems(size); fill is not (null or TemplateValue.None) && items.Count < size;)
                items.Add(fill);
            batches.Add(context.Made(items));
        }
        return context.Made(batches);
    }

    private static TemplateValue.List Slice(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var slices = Positive(arguments.FindInt(0, "slices"));
        context.Meter.ChargeItems(slices);
        var fill = arguments.Find(1, "fill_with");
        var items = context.ItemsOf(input);
        var (size, larger) = (items.Count / slices, items.Count % slices);
        var columns = new List<TemplateValue>();
        for (int at = 0, taken = 0; at < slices; at++)
        {
            var count = size + (at < larger ? 1 : 0);
            var column = items.Skip(taken).Take(count).ToList();
            taken += count;
            if (at >= larger && fill is not (null or TemplateValue.None))
                column.Add(fill);
            columns.Add(context.Made(column));
        }
        return context.Made(columns);
    }

    private static TemplateValue Sum(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        var path = AttributePath.From(arguments.Find(0, "attribute"));
        var sum = arguments.Find(1, "start") ?? new TemplateValue.Int(0);
        foreach (var item in context.ItemsOf(input))
            sum = Arithmetic.Compute(context, BinaryOperator.Add, sum, path is null ? item : path.Read(context, item));
        return sum;
    }

    private static int Positive(int? count) =>
        count is > 0 ? count.Value : throw new TemplateException("The number of parts must be positive.");
}
