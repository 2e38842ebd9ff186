using System.Text;
using System.Text.RegularExpressions;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The filter <c>pprint</c>: as Python's <c>pformat</c>, keys in order and lines of at most 80 characters.</summary>
internal sealed partial class PrettyText
{
    private const int Width = 80;

    private readonly RenderContext _context;
    private readonly StringBuilder _text = new();

    private PrettyText(RenderContext context) => _context = context;

    public static string Of(RenderContext context, TemplateValue value)
    {
        var pretty = new PrettyText(context);
        pretty.Write(value, 0, 0, 0);
        return pretty._text.ToString();
    }

    private void Write(TemplateValue value, int indent, int allowance, int level)
    {
        _context.Meter.Enter();
        var whole = Repr(value);
        _context.Meter.ChargeChars(whole.Length);
        if (CodePoints.Count(whole) <= Width - indent - allowance)
            _text.Append(whole);
        else
            WriteLong(value, whole, indent, allowance, level + 1);
        _context.Meter.Leave();
    }

    private void WriteLong(TemplateValue value, string whole, int indent, int allowance, int level)
    {
        switch (value)
        {
            case TemplateValue.Map map:
                _text.Append('{');
                WriteEntries(Sorted(map.Entries), indent + 1, allowance + 1, level);
                _text.Append('}');
                break;
            case TemplateValue.List { View: null, IsTuple: false } list:
                _text.Append('[');
                WriteItems(list.Items, indent + 1, allowance + 1, level);
                _text.Append(']');
                break;
            case TemplateValue.List { View: null, IsTuple: true, IsGroup: false } tuple:
                var close = tuple.Items.Count == 1 ? ",)" : ")";
                _text.Append('(');
                WriteItems(tuple.Items, indent + 1, allowance + close.Length, level);
                _text.Append(close);
                break;
            case TemplateValue.Text { IsMarkup: false } text:
                WriteText(text.Value, whole, indent, allowance, level);
                break;
            default:
                _text.Append(whole);
                break;
        }
    }

    private void WriteEntries(List<KeyValuePair<TemplateValue, TemplateValue>> entries, int indent, int allowance, int level)
    {
        for (var at = 0; at < entries.Count; at++)
        {
            var key = Repr(entries[at].Key);
            _text.Append(key).Append(": ");
            var isLast = at == entries.Count - 1;
            Write(entries[at].Value, indent + CodePoints.Count(key) + 2, isLast ? allowance : 1, level);
            if (!isLast)
                _text.Append(",\n").Append(' ', indent);
        }
    }

    private void WriteItems(List<TemplateValue> items, int indent, int allowance, int level)
    {
        for (var at = 0; at < items.Count; at++)
        {
            if (at > 0)
                _text.Append(",\n").Append(' ', indent);
            Write(items[at], indent, at == items.Count - 1 ? allowance : 1, level);
        }
    }

    /// <summary>A long text is written as several side by side, one in a line.</summary>
    private void WriteText(string text, string whole, int indent, int allowance, int level)
    {
        if (level == 1)
            (indent, allowance) = (indent + 1, allowance + 1);
        var chunks = new List<string>();
        var lines = TextSplits.Lines(text, keepEnds: true);
        for (var at = 0; at < lines.Count; at++)
            AddChunks(chunks, lines[at], Width - indent, at == lines.Count - 1 ? allowance : 0);
        if (chunks.Count == 1)
        {
            _text.Append(chunks[0]);
            return;
        }
        if (level == 1)
            _text.Append('(');
        _text.AppendJoin("\n" + new string(' ', indent), chunks);
        if (level == 1)
            _text.Append(')');
    }

    private void AddChunks(List<string> chunks, string line, int width, int allowance)
    {
        var whole = Repr(line);
        if (CodePoints.Count(whole) <= width - allowance)
        {
            chunks.Add(whole);
            return;
        }
        var parts = Words().Matches(line);
        var current = "";
        for (var at = 0; at < parts.Count; at++)
        {
            if (parts[at].Length == 0)
                break;
            var candidate = current + parts[at].Value;
            _context.Meter.ChargeChars(candidate.Length);
            var isLast = at + 1 == parts.Count || parts[at + 1].Length == 0;
            if (CodePoints.Count(Repr(candidate)) <= width - (isLast ? allowance : 0))
            {
                current = candidate;
                continue;
            }
            if (current.Length > 0)
                chunks.Add(Repr(current));
            current = parts[at].Value;
        }
        if (current.Length > 0)
            chunks.Add(Repr(current));
    }

    /// <summary>As <c>repr</c>, with the keys of every map in order.</summary>
    private string Repr(TemplateValue value) => PythonText.ReprOf(_context, Ordered(value));

    private TemplateValue Ordered(TemplateValue value)
    {
        _context.Meter.Enter();
        TemplateValue ordered = value;
        switch (value)
        {
            case TemplateValue.Map map:
                var entries = new MapEntries(map.Entries.Count);
                foreach (var (key, item) in Sorted(map.Entries))
                    entries[key] = Ordered(item);
                ordered = new TemplateValue.Map(entries);
                break;
            case TemplateValue.List { View: null } list:
                ordered = list with { Items = list.Items.ConvertAll(Ordered) };
                break;
        }
        _context.Meter.Leave();
        return ordered;
    }

    /// <summary>By the keys; those without an order between them by the names of their types.</summary>
    private List<KeyValuePair<TemplateValue, TemplateValue>> Sorted(MapEntries entries)
    {
        var comparer = Comparer<TemplateValue>.Create((a, b) => (a, b) switch
        {
            (TemplateValue.Text, TemplateValue.Text) => ValueOrder.Compare(_context.Meter, a, b),
            _ when Numbers.IsNumber(a) && Numbers.IsNumber(b) => Numbers.Compare(a, b),
            _ => string.CompareOrdinal(PythonName(a), PythonName(b)),
        });
        return StableOrder.Of(entries, entry => entry.Key, comparer, reverse: false);
    }

    private static string PythonName(TemplateValue value) => value switch
    {
        TemplateValue.None => "<class 'NoneType'>",
        TemplateValue.Text => "<class 'str'>",
        _ => $"<class '{PythonText.TypeName(value)}'>",
    };

    [GeneratedRegex(@"\S*\s*", RegexOptions.None, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Words();
}
