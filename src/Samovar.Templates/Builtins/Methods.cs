using System.Diagnostics.CodeAnalysis;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>Finds the methods that texts, lists and maps have.</summary>
internal static class Methods
{
    public static bool TryCall(
        RenderContext context, TemplateValue target, string name, CallArguments arguments, [NotNullWhen(true)] out TemplateValue? result)
    {
        result = target switch
        {
            TemplateValue.Text { IsMarkup: true } markup when MarkupMethods.Has(name) => MarkupMethods.Call(context, markup, name,
                arguments),
            TemplateValue.Text text when TextMethods.All.TryGetValue(name, out var method) => method(context, text.Value, arguments),
            TemplateValue.List list when ListMethods.Find(list, name) is { } method => method(context, list, arguments),
            TemplateValue.Map map when MapMethods.All.TryGetValue(name, out var method) => method(context, map, arguments),
            _ => null,
        };
        return result is not null;
    }

    /// <summary>A method bound to its target; null if the target has no such method.</summary>
    public static TemplateFunction? Find(TemplateValue target, string name)
    {
        var exists = target switch
        {
            TemplateValue.Text text => TextMethods.All.ContainsKey(name) || (text.IsMarkup && MarkupMethods.Has(name)),
            TemplateValue.List list => ListMethods.Find(list, name) is not null,
            TemplateValue.Map => MapMethods.All.ContainsKey(name),
            _ => false,
        };
        return exists ? new TemplateFunction(name, Call) : null;

        TemplateValue Call(RenderContext context, CallArguments arguments) =>
            TryCall(context, target, name, arguments, out var result) ? result : TemplateValue.None.Value;
    }
}
