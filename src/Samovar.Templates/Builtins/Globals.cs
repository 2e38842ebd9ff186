using System.Collections.Frozen;
using System.Numerics;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The functions every template may call.</summary>
internal static class Globals
{
    private const int RangeMax = 100_000;

    private static readonly FrozenDictionary<string, TemplateValue> All = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
    {
        ["range"] = new TemplateFunction("range", Range),
        ["dict"] = new TemplateFunction("dict", Dict),
        ["namespace"] = new TemplateFunction("namespace", Namespace),
        ["joiner"] = new TemplateFunction("joiner", Joiner),
        ["cycler"] = new TemplateFunction("cycler", Cycler),
        ["raise_exception"] = new TemplateFunction("raise_exception", Raise),
        ["strftime_now"] = new TemplateFunction("strftime_now", Now),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateValue? Find(string name) => All.GetValueOrDefault(name);

    private static TemplateValue.List Range(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(3);
        var bounds = arguments.Positional.Select(bound => Numbers.Whole(bound)
            ?? throw new TemplateException($"A range is made of whole numbers, not of {PythonText.TypeName(bound)}.")).ToArray();
        var (start, stop, step) = bounds switch
        {
            [var only] => (BigInteger.Zero, only, BigInteger.One),
            [var from, var to] => (from, to, BigInteger.One),
            [var from, var to, var by] when !by.IsZero => (from, to, by),
            _ => throw new TemplateException("A range takes one to three numbers, and a step that is not zero."),
        };
        var distance = step.Sign > 0 ? stop - start : start - stop;
        var size = BigInteger.Abs(step);
        var count = distance.Sign <= 0 ? 0 : (distance + size - 1) / size;
        if (count > RangeMax)
            throw new TemplateException($"A range has at most {RangeMax} numbers.");
        var items = new List<TemplateValue>((int)count);
        for (var at = 0; at < count; at++)
            items.Add(TemplateValue.Int.Of(start + at * step));
        return context.Made(items) with { View = new SequenceView.Range(start, stop, step) };
    }

    private static TemplateValue.Map Dict(RenderContext context, CallArguments arguments) => new(Entries(context, arguments));

    private static TemplateValue.Namespace Namespace(RenderContext context, CallArguments arguments) => new(Entries(context, arguments));

    private static MapEntries Entries(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(1, arguments.Names);
        var entries = new MapEntries();
        if (arguments.Positional is [TemplateValue.Undefined undefined])
            throw undefined.Fault();
        if (arguments.Positional is [var given])
            Merge(context, entries, given);
        foreach (var (key, value) in arguments.Named)
            entries[key] = value;
        context.Meter.ChargeItems(entries.Count);
        return entries;
    }

    /// <summary>As <c>dict.update</c>: with another map, or with pairs.</summary>
    public static void Merge(RenderContext context, MapEntries entries, TemplateValue given)
    {
        if (given is TemplateValue.Map map)
        {
            foreach (var (key, value) in map.Entries.ToArray())
                entries[key] = value;
            return;
        }
        foreach (var pair in context.ItemsOf(given))
        {
            if (context.ItemsOf(pair) is not [var key, var value])
                throw new TemplateException("A pair has two values.");
            entries[key] = value;
        }
    }

    /// <summary>Gives nothing when it is called first, and its separator from then on.</summary>
    private static TemplateFunction Joiner(RenderContext context, CallArguments arguments)
    {
        Signature.Of("sep").Check(arguments);
        var separator = arguments.Find(0, "sep") ?? ", ";
        var isUsed = false;
        return new TemplateFunction("joiner", (_, given) =>
        {
            Signature.Nothing.Check(given);
            var value = isUsed ? separator : TemplateValue.Text.Empty;
            isUsed = true;
            return value;
        });
    }

    private static TemplateValue.Attributed Cycler(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(int.MaxValue);
        var items = arguments.Positional;
        if (items.Length == 0)
            throw new TemplateException("There are no items to cycle through.");
        var at = 0;
        return new TemplateValue.Attributed("cycler", name => name switch
        {
            "current" => items[at],
            "pos" => new TemplateValue.Int(at),
            "items" => TemplateValue.List.Tuple(items),
            "next" => new TemplateFunction("next", (_, given) =>
            {
                Signature.Nothing.Check(given);
                var item = items[at];
                at = (at + 1) % items.Length;
                return item;
            }),
            "reset" => new TemplateFunction("reset", (_, given) =>
            {
                Signature.Nothing.Check(given);
                at = 0;
                return TemplateValue.None.Value;
            }),
            _ => null,
        });
    }

    private static TemplateValue Raise(RenderContext context, CallArguments arguments) =>
        throw new TemplateException(context.TextOf(arguments.Require(0, "message")), raisedByTemplate: true);

    private static TemplateValue.Text Now(RenderContext context, CallArguments arguments) =>
        context.Made(TimeText.Format(arguments.RequireText(0, "format"), context.Time.GetLocalNow()));
}
