using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The <c>attribute=</c> of a filter: names and indexes with dots between them.</summary>
internal sealed class AttributePath
{
    private readonly TemplateValue[] _keys;

    private AttributePath(TemplateValue[] keys) => _keys = keys;

    public static AttributePath? From(TemplateValue? attribute) => attribute switch
    {
        null or TemplateValue.None => null,
        TemplateValue.Text path => new AttributePath([.. path.Value.Split('.').Select(Key)]),
        _ => new AttributePath([attribute]),
    };

    public TemplateValue Read(RenderContext context, TemplateValue value, TemplateValue? otherwise = null)
    {
        foreach (var key in _keys)
        {
            value = Access.Item(context, value, key);
            if (value is TemplateValue.Undefined && otherwise is not (null or TemplateValue.None))
                value = otherwise;
        }
        return value;
    }

    private static TemplateValue Key(string part) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        ? new TemplateValue.Int(index)
        : new TemplateValue.Text(part);
}
