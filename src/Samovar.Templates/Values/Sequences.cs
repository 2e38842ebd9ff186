namespace Samovar.Templates.Values;

/// <summary>What a <c>for</c> sees of a value.</summary>
internal static class Sequences
{
    public static IReadOnlyList<TemplateValue> ItemsOf(this RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case TemplateValue.List list:
                return list.Items;
            case TemplateValue.Map map:
                context.Meter.ChargeItems(map.Entries.Count);
                return map.Entries.Keys.ToList();
            case TemplateValue.Text text:
                context.Trace?.Watch?.TakenApart(text);
                context.Meter.ChargeItems(text.Value.Length);
                return CodePoints.Split(text.Value).ConvertAll(TemplateValue (one) => new TemplateValue.Text(one));
            case TemplateValue.Stream stream:
                return Drain(context, stream);
            case TemplateValue.Undefined:
                return [];
            default:
                throw new TemplateException($"A value of type {PythonText.TypeName(value)} cannot be walked through.");
        }
    }

    public static int Count(TemplateValue value) => value switch
    {
        TemplateValue.List list => list.Items.Count,
        TemplateValue.Map map => map.Entries.Count,
        TemplateValue.Text text => CodePoints.Count(text.Value),
        TemplateValue.Undefined => 0,
        TemplateFunction { Length: { } length } => length,
        _ => throw new TemplateException($"A value of type {PythonText.TypeName(value)} has no length."),
    };

    /// <summary>Pairs of a map.</summary>
    public static TemplateValue.List Pairs(RenderContext context, TemplateValue.Map map) => context.Made(
        map.Entries.Select(TemplateValue (entry) => TemplateValue.List.Tuple(entry.Key, entry.Value)).ToList());

    private static List<TemplateValue> Drain(RenderContext context, TemplateValue.Stream stream)
    {
        var items = new List<TemplateValue>();
        while (stream.Items.MoveNext())
        {
            context.Meter.Step();
            items.Add(stream.Items.Current);
        }
        return items;
    }
}
