using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Reads attributes and keys of values.</summary>
internal static class Access
{
    /// <summary><c>target.name</c>: methods win over the keys of a map, as they do in Python.</summary>
    public static TemplateValue Attribute(RenderContext context, TemplateValue target, string name)
    {
        if (Methods.Find(target, name) is { } method)
            return method;
        return Own(target, name) ?? Key(target, name) ?? Nothing(target, name);
    }

    /// <summary><c>target[key]</c>: keys win over methods.</summary>
    public static TemplateValue Item(RenderContext context, TemplateValue target, TemplateValue key)
    {
        switch (target, key)
        {
            case (TemplateValue.Undefined undefined, _):
                throw undefined.Fault();
            case (TemplateValue.List { View: SequenceView.MapPart }, not TemplateValue.Text):
                return Nothing(target, context.TextOf(key));
            case (TemplateValue.List or TemplateValue.Text, _) when Numbers.Small(key) is { } index:
                return At(context, target, index);
            case (_, TemplateValue.Text name):
                return Key(target, name.Value) ?? Methods.Find(target, name.Value)
                    ?? Own(target, name.Value) ?? Nothing(target, name.Value);
            case (TemplateValue.Map map, _) when KeyEquality.IsKey(key):
                return map.Entries.TryGetValue(key, out var value) ? value : Nothing(target, context.TextOf(key));
            default:
                return Nothing(target, PythonText.TypeName(key));
        }
    }

    /// <summary>What stands in a hole of a text: <c>{0.name}</c> or <c>{0[key]}</c>.</summary>
    public static TemplateValue InHole(RenderContext context, TemplateValue value, string name, bool isAttribute)
    {
        if (isAttribute)
            return Attribute(context, value, name);
        var isIndex = long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        return Item(context, value, isIndex ? new TemplateValue.Int(index) : new TemplateValue.Text(name));
    }

    /// <summary>The attributes a value has beside its methods.</summary>
    public static TemplateValue? Own(TemplateValue target, string name) => target switch
    {
        TemplateValue.Namespace known => known.Attributes.Find(name),
        TemplateFunction { Find: { } find } => find(name),
        TemplateValue.Attributed attributed => attributed.Find(name),
        TemplateValue.List { IsGroup: true, Items: [var grouper, var list] } => name switch
        {
            "grouper" => grouper,
            "list" => list,
            _ => null,
        },
        TemplateValue.Undefined undefined => throw undefined.Fault(),
        _ => null,
    };

    private static TemplateValue? Key(TemplateValue target, string name) =>
        target is TemplateValue.Map map ? map.Entries.Find(name) : null;

    private static TemplateValue.Undefined Nothing(TemplateValue target, string name) => new($"{PythonText.TypeName(target)}.{name}");

    private static TemplateValue At(RenderContext context, TemplateValue target, long index)
    {
        var count = Sequences.Count(target);
        var at = index < 0 ? index + count : index;
        if (at < 0 || at >= count)
            return Nothing(target, index.ToString(CultureInfo.InvariantCulture));
        if (target is TemplateValue.List list)
            return list.Items[(int)at];
        var text = (TemplateValue.Text)target;
        if (text.Value.Length == count)
            return text with { Value = text.Value[(int)at].ToString() };
        context.Meter.ChargeItems(count);
        return text with { Value = CodePoints.Split(text.Value)[(int)at] };
    }
}
