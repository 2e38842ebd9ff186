using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

internal delegate TemplateValue ListMethod(RenderContext context, TemplateValue.List self, CallArguments arguments);

/// <summary>The methods of Python's <c>list</c>. Those that change it work only on lists the template has made.</summary>
internal static class ListMethods
{
    private static readonly FrozenDictionary<string, ListMethod> All = new Dictionary<string, ListMethod>(StringComparer.Ordinal)
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
    }.ToFrozenDictionary(method => method.Key, method => Checked(method.Key, method.Value), StringComparer.Ordinal);

    /// <summary>The method of a list; tuples and ranges have two, and what a map has, none.</summary>
    public static ListMethod? Find(TemplateValue.List list, string name) => list switch
    {
        { View: SequenceView.MapPart } => null,
        { View: SequenceView.Range } or { IsTuple: true } when name is not ("index" or "count") => null,
        _ => All.GetValueOrDefault(name),
    };

    private static ListMethod Checked(string name, ListMethod method)
    {
        var signature = Signatures.OfMethod(name);
        return (context, self, arguments) =>
        {
            signature.Check(arguments);
            return method(context, self, arguments);
        };
    }

    private static TemplateValue.None Change(TemplateValue.List self, Action<List<TemplateValue>> change)
    {
        if (self.IsFrozen)
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
        var count = self.Items.Count;
        var start = Bound(arguments.FindInt(1, "start") ?? 0);
        var end = Bound(arguments.FindInt(2, "end") ?? count);
        var at = start < end ? ValueOrder.IndexOf(context, self.Items[start..end], arguments.Require(0, "value")) : -1;
        return at >= 0 ? new TemplateValue.Int(start + at) : throw new TemplateException("The value is not in the list.");

        int Bound(int given) => Math.Clamp(given < 0 ? given + count : given, 0, count);
    }

    private static TemplateValue.Int Count(RenderContext context, TemplateValue.List self, CallArguments arguments)
    {
        var wanted = arguments.Require(0, "value");
        return new TemplateValue.Int(self.Items.Count(item => ValueOrder.AreEqual(context.Meter, item, wanted)));
    }
}
