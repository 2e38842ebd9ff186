using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

internal delegate TemplateValue ListMethod(RenderContext context, TemplateValue.List self, CallArguments arguments);

/// <summary>The methods of Python's <c>list</c>. Those that change it work only on lists the template has made.</summary>
internal static class ListMethods
{
    public static readonly FrozenDictionary<string, ListMethod> All = new Dictionary<string, ListMethod>(StringComparer.Ordinal)
    {
        ["append"] = (_, self, arguments) => Change(self, items => items.Add(arguments.Require(0, "object"))),
        ["extend"] = (context, self, arguments) => Extend(context, self, context.ItemsOf(arguments.Require(0, "iterable"))),
        ["insert"] = (_, self, arguments) => Change(self, items => items.Insert(Place(items, arguments), arguments.Require(1, "object"))),
        ["pop"] = Pop,
        ["reverse"] = (_, self, _) => Change(self, items => items.Reverse()),
        ["clear"] = (_, self, _) => Change(self, items => items.Clear()),
        ["copy"] = (context, self, _) => context.Made([.. self.Items]),
        ["index"] = IndexOf,
        ["count"] = Count,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static TemplateValue.None Change(TemplateValue.List self, Action<List<TemplateValue>> change)
    {
        if (self.IsFrozen || self.IsTuple)
            throw new TemplateException("A list that was given to the template cannot be changed by it.");
        change(self.Items);
        return TemplateValue.None.Value;
    }

    private static TemplateValue.None Extend(RenderContext context, TemplateValue.List self, IReadOnlyList<TemplateValue> more)
    {
        context.Meter.ChargeItems(more.Count);
        return Change(self, items => items.AddRange([.. more]));
    }

    private static int Place(List<TemplateValue> items, CallArguments arguments)
    {
        var at = arguments.FindInt(0, "index") ?? 0;
        return Math.Clamp(at < 0 ? at + items.Count : at, 0, items.Count);
    }

    private static TemplateValue Pop(RenderContext context, TemplateValue.List self, CallArguments arguments)
    {
        var at = arguments.FindInt(0, "index") ?? -1;
        at = at < 0 ? at + self.Items.Count : at;
        if (at < 0 || at >= self.Items.Count)
            throw new TemplateException("There is no such item to take out.");
        var item = self.Items[at];
        Change(self, items => items.RemoveAt(at));
        return item;
    }

    private static TemplateValue.Int IndexOf(RenderContext context, TemplateValue.List self, CallArguments arguments)
    {
        var at = ValueOrder.IndexOf(context, self.Items, arguments.Require(0, "value"));
        return at >= 0 ? new TemplateValue.Int(at) : throw new TemplateException("The value is not in the list.");
    }

    private static TemplateValue.Int Count(RenderContext context, TemplateValue.List self, CallArguments arguments)
    {
        var wanted = arguments.Require(0, "value");
        return new TemplateValue.Int(self.Items.Count(item => ValueOrder.AreEqual(context.Meter, item, wanted)));
    }
}
