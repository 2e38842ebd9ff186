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
                throw Missing(undefined);
            case (TemplateValue.List or TemplateValue.Text, TemplateValue.Int or TemplateValue.Bool):
                return At(context, target, key is TemplateValue.Int whole ? whole.Value : Truth.Of(key) ? 1 : 0);
            case (_, TemplateValue.Text name):
                return Key(target, name.Value) ?? Methods.Find(target, name.Value)
                    ?? Own(target, name.Value) ?? Nothing(target, name.Value);
            default:
                return Nothing(target, context.TextOf(key));
        }
    }

    public static TemplateException Missing(TemplateValue.Undefined value) => new($"'{value.Name}' is undefined.");

    /// <summary>A value as the key of a map.</summary>
    public static string Key(TemplateValue key) => key is TemplateValue.Text text
        ? text.Value
        : throw new TemplateException($"The keys of a map are texts here, not {PythonText.TypeName(key)}.");

    private static TemplateValue? Key(TemplateValue target, string name) =>
        target is TemplateValue.Map map ? map.Entries.GetValueOrDefault(name) : null;

    private static TemplateValue? Own(TemplateValue target, string name) => target switch
    {
        TemplateValue.Namespace known => known.Attributes.GetValueOrDefault(name),
        TemplateValue.Loop loop => loop.State.Find(name),
        TemplateValue.Undefined undefined => throw Missing(undefined),
        _ => null,
    };

    private static TemplateValue.Undefined Nothing(TemplateValue target, string name) => new($"{PythonText.TypeName(target)}.{name}");

    private static TemplateValue At(RenderContext context, TemplateValue target, long index)
    {
        var count = Sequences.Count(target);
        var at = index < 0 ? index + count : index;
        if (at < 0 || at >= count)
            return Nothing(target, index.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (target is TemplateValue.List list)
            return list.Items[(int)at];
        var text = ((TemplateValue.Text)target).Value;
        if (text.Length == count)
            return new TemplateValue.Text(text[(int)at].ToString());
        context.Meter.ChargeItems(count);
        return new TemplateValue.Text(CodePoints.Split(text)[(int)at]);
    }
}
