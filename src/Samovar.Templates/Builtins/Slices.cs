using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary><c>target[start:stop:step]</c> over lists and texts, with Python's rules for what lies outside.</summary>
internal static class Slices
{
    public static TemplateValue Take(
        RenderContext context, TemplateValue target, TemplateValue? start, TemplateValue? stop, TemplateValue? step)
    {
        if (target is TemplateValue.Undefined undefined)
            throw Access.Missing(undefined);
        if (target is not (TemplateValue.List or TemplateValue.Text))
            return new TemplateValue.Undefined($"a slice of {PythonText.TypeName(target)}");
        var range = Range(Sequences.Count(target), Bound(start), Bound(stop), Bound(step) ?? 1);
        if (target is TemplateValue.List list)
            return context.Made(Pick(list.Items, range), list.IsTuple);
        return context.Made(Text(((TemplateValue.Text)target).Value, range));
    }

    private readonly record struct IndexRange(long Start, long Step, int Count);

    private static long? Bound(TemplateValue? value) => value switch
    {
        null or TemplateValue.None => null,
        TemplateValue.Int whole => Math.Clamp(whole.Value, -int.MaxValue, int.MaxValue),
        _ => throw new TemplateException("The bounds of a slice must be whole numbers."),
    };

    private static IndexRange Range(int count, long? start, long? stop, long step)
    {
        if (step == 0)
            throw new TemplateException("The step of a slice cannot be zero.");
        var (lowest, highest) = step > 0 ? (0L, (long)count) : (-1L, count - 1L);
        var first = Inside(start, step > 0 ? lowest : highest);
        var last = Inside(stop, step > 0 ? highest : lowest);
        var taken = step > 0 ? (last - first + step - 1) / step : (last - first + step + 1) / step;
        return new IndexRange(first, step, (int)Math.Max(0, taken));

        long Inside(long? bound, long otherwise) =>
            bound is not { } given ? otherwise : Math.Clamp(given < 0 ? given + count : given, lowest, highest);
    }

    private static List<T> Pick<T>(List<T> items, IndexRange range)
    {
        if (range.Step == 1)
            return items.GetRange((int)Math.Min(range.Start, items.Count), range.Count);
        var picked = new List<T>(range.Count);
        for (var taken = 0; taken < range.Count; taken++)
            picked.Add(items[(int)(range.Start + taken * range.Step)]);
        return picked;
    }

    private static string Text(string text, IndexRange range)
    {
        if (range.Count == 0)
            return "";
        if (range.Step == 1 && CodePoints.AreChars(text))
            return text.Substring((int)range.Start, range.Count);
        return string.Concat(Pick(CodePoints.Split(text), range));
    }
}
