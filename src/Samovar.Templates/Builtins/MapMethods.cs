using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

internal delegate TemplateValue MapMethod(RenderContext context, TemplateValue.Map self, CallArguments arguments);

/// <summary>The methods of Python's <c>dict</c>. Those that change it work only on maps the template has made.</summary>
internal static class MapMethods
{
    public static readonly FrozenDictionary<string, MapMethod> All = new Dictionary<string, MapMethod>(StringComparer.Ordinal)
    {
        ["get"] = (_, self, arguments) => Get(self, arguments),
        ["items"] = (context, self, _) => Sequences.Pairs(context, self) with { View = SequenceView.Pairs },
        ["keys"] = (context, self, _) => context.Made([.. self.Entries.Keys]) with { View = SequenceView.Keys },
        ["values"] = (context, self, _) => context.Made([.. self.Entries.Values]) with { View = SequenceView.Values },
        ["copy"] = (context, self, _) => Copy(context, self),
        ["pop"] = Pop,
        ["update"] = Update,
        ["setdefault"] = SetDefault,
    }.ToFrozenDictionary(method => method.Key, method => Checked(method.Key, method.Value), StringComparer.Ordinal);

    private static MapMethod Checked(string name, MapMethod method)
    {
        var signature = Signatures.OfMethod(name);
        return (context, self, arguments) =>
        {
            signature.Check(arguments);
            return method(context, self, arguments);
        };
    }

    private static TemplateValue Get(TemplateValue.Map self, CallArguments arguments) =>
        self.Entries.TryGetValue(arguments.Require(0, "key"), out var value) ? value : arguments.Find(1,
            "default") ?? TemplateValue.None.Value;

    private static TemplateValue.Map Copy(RenderContext context, TemplateValue.Map self)
    {
        context.Meter.ChargeItems(self.Entries.Count);
        return new TemplateValue.Map(MapEntries.From(self.Entries));
    }

    private static TemplateValue Pop(RenderContext context, TemplateValue.Map self, CallArguments arguments)
    {
        ThrowIfFrozen(self);
        if (self.Entries.Remove(arguments.Require(0, "key"), out var value))
            return value;
        return arguments.Find(1, "default") ?? throw new TemplateException("There is no such key to take out.");
    }

    private static TemplateValue.None Update(RenderContext context, TemplateValue.Map self, CallArguments arguments)
    {
        ThrowIfFrozen(self);
        arguments.Allow(1, arguments.Names);
        if (arguments.Positional is [var other])
            Globals.Merge(context, self.Entries, other);
        foreach (var (key, value) in arguments.Named)
            self.Entries[key] = value;
        context.Meter.ChargeItems(self.Entries.Count);
        return TemplateValue.None.Value;
    }

    private static TemplateValue SetDefault(RenderContext context, TemplateValue.Map self, CallArguments arguments)
    {
        var key = arguments.Require(0, "key");
        if (self.Entries.TryGetValue(key, out var known))
            return known;
        ThrowIfFrozen(self);
        return self.Entries[key] = arguments.Find(1, "default") ?? TemplateValue.None.Value;
    }

    private static void ThrowIfFrozen(TemplateValue.Map self)
    {
        if (self.IsFrozen)
            throw new TemplateException("A map that was given to the template cannot be changed by it.");
    }
}
