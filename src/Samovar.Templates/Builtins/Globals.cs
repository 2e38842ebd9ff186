using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The functions every template may call.</summary>
internal static class Globals
{
    private const int RangeMax = 100_000;

    private static readonly FrozenDictionary<string, TemplateValue> All = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
    {
        ["range"] = new TemplateValue.Callable("range", Range),
        ["dict"] = new TemplateValue.Callable("dict", Dict),
        ["namespace"] = new TemplateValue.Callable("namespace", Namespace),
        ["raise_exception"] = new TemplateValue.Callable("raise_exception", Raise),
        ["strftime_now"] = new TemplateValue.Callable("strftime_now", Now),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateValue? Find(string name) => All.GetValueOrDefault(name);

    private static TemplateValue.List Range(RenderContext context, CallArguments arguments)
    {
        arguments.Allow(3);
        var bounds = arguments.Positional.Select(bound => Arithmetic.Whole(bound)
            ?? throw new TemplateException($"A range is made of whole numbers, not of {PythonText.TypeName(bound)}.")).ToArray();
        var (start, stop, step) = bounds switch
        {
            [var only] => (0, only, 1),
            [var from, var to] => (from, to, 1),
            [var from, var to, var by] when by != 0 => (from, to, by),
            _ => throw new TemplateException("A range takes one to three numbers, and a step that is not zero."),
        };
        var distance = step > 0 ? (decimal)stop - start : (decimal)start - stop;
        var count = Math.Ceiling(distance / Math.Abs((decimal)step));
        if (count > RangeMax)
            throw new TemplateException($"A range has at most {RangeMax} numbers.");
        var items = new List<TemplateValue>((int)Math.Max(0, count));
        for (var at = 0; at < count; at++)
            items.Add(new TemplateValue.Int(start + at * step));
        return context.Made(items);
    }

    private static TemplateValue.Map Dict(RenderContext context, CallArguments arguments) => new(Entries(context, arguments));

    private static TemplateValue.Namespace Namespace(RenderContext context, CallArguments arguments) =>
        new(new Dictionary<string, TemplateValue>(Entries(context, arguments), StringComparer.Ordinal));

    private static OrderedDictionary<string, TemplateValue> Entries(RenderContext context, CallArguments arguments)
    {
        var entries = new OrderedDictionary<string, TemplateValue>(StringComparer.Ordinal);
        switch (arguments.Positional)
        {
            case []:
                break;
            case [TemplateValue.Map map]:
                foreach (var (key, value) in map.Entries)
                    entries[key] = value;
                break;
            case [TemplateValue.List pairs]:
                foreach (var pair in pairs.Items)
                    Add(entries, context.ItemsOf(pair));
                break;
            default:
                throw new TemplateException("A map is made of another map, of pairs, or of named values.");
        }
        foreach (var (key, value) in arguments.Named)
            entries[key] = value;
        context.Meter.ChargeItems(entries.Count);
        return entries;
    }

    private static void Add(OrderedDictionary<string, TemplateValue> entries, IReadOnlyList<TemplateValue> pair)
    {
        if (pair is not [var key, var value])
            throw new TemplateException("A pair has two values.");
        entries[Access.Key(key)] = value;
    }

    private static TemplateValue Raise(RenderContext context, CallArguments arguments) =>
        throw new TemplateException(context.TextOf(arguments.Require(0, "message")), raisedByTemplate: true);

    private static TemplateValue.Text Now(RenderContext context, CallArguments arguments) =>
        context.Made(TimeText.Format(arguments.RequireText(0, "format"), context.Time.GetLocalNow()));
}
