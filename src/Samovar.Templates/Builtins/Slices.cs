using System.Numerics;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary><c>target[start:stop:step]</c> over lists and texts, with Python's rules for what lies outside.</summary>
internal static class Slices
{
    public static bool Has(TemplateValue value) => value is TemplateValue.List { View: not SequenceView.MapPart } or TemplateValue.Text;

    public static TemplateValue Take(
        RenderContext context, TemplateValue target, TemplateValue? start, TemplateValue? stop, TemplateValue? step)
    {
        if (target is TemplateValue.Undefined undefined)
            throw undefined.Fault();
        if (!Has(target))
            throw new TemplateException($"A value of type {PythonText.TypeName(target)} has no slices.");
        var range = Range(Sequences.Count(target), Bound(start), Bound(stop), Bound(step) ?? 1);
        if (target is TemplateValue.Text text)
            return context.Made(Text(text.Value, range)) with { IsMarkup = text.IsMarkup };
        var list = (TemplateValue.List)target;
        return context.Made(Pick(list.Items, range), list.IsTuple) with { View = Part(list.View as SequenceView.Range, range) };
    }

    public static bool IsBound(TemplateValue? value) => value is null or TemplateValue.None || Numbers.Whole(value) is not null;

    private readonly record struct IndexRange(long Start, long Stop, long Step, int Count);

    private static SequenceView.Range? Part(SequenceView.Range? whole, IndexRange part) => whole is null ? null : new SequenceView.Range(
        whole.Start + part.Start * whole.Step, whole.Start + part.Stop * whole.Step, whole.Step * part.Step);

    private static long? Bound(TemplateValue? value) => value switch
    {
        null or TemplateValue.None => null,
        _ when Numbers.Whole(value) is { } whole => (long)BigInteger.Max(-int.MaxValue, BigInteger.Min(int.MaxValue, whole)),
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
        return new IndexRange(first, last, step, (int)Math.Max(0, taken));

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
