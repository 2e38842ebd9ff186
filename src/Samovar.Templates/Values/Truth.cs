namespace Samovar.Templates.Values;

/// <summary>Whether a value counts as true, as Python has it.</summary>
internal static class Truth
{
    public static bool Of(TemplateValue value) => value switch
    {
        TemplateValue.Bool flag => flag.Value,
        TemplateValue.None or TemplateValue.Undefined => false,
        TemplateValue.Text text => text.Value.Length > 0,
        TemplateValue.Int whole => whole.Value != 0,
        TemplateValue.Float number => number.Value != 0,
        TemplateValue.List list => list.Items.Count > 0,
        TemplateValue.Map map => map.Entries.Count > 0,
        _ => true, // also what is walked item by item: whether it has items is seen only then
    };
}
