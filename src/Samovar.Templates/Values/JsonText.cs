using System.Buffers;
using System.Globalization;

namespace Samovar.Templates.Values;

/// <summary>How <see cref="JsonText"/> lays its output out.</summary>
internal sealed record JsonLayout(string? Indent, string ItemSeparator, string KeySeparator, bool EnsureAscii, bool SortKeys)
{
    public static readonly JsonLayout Plain = new(null, ", ", ": ", EnsureAscii: false, SortKeys: false);
}

/// <summary>Writes values as Python's <c>json.dumps</c> does, and no escapes for HTML.</summary>
internal sealed class JsonText(RenderContext context, JsonLayout layout)
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F");

    private readonly RenderBuffer _buffer = context.Buffer;
    private int _level;

    public void Write(TemplateValue value)
    {
        context.Meter.Enter();
        switch (value)
        {
            case TemplateValue.None: _buffer.Write("null"); break;
            case TemplateValue.Bool flag: _buffer.Write(flag.Value ? "true" : "false"); break;
            case TemplateValue.Int whole: _buffer.Write(whole.Value.ToString(CultureInfo.InvariantCulture)); break;
            case TemplateValue.LargeInt large: _buffer.Write(Numbers.Text(large.Value)); break;
            case TemplateValue.Float number: _buffer.Write(number.Source ?? Number(number.Value)); break;
            case TemplateValue.Text text: WriteText(text.Value); break;
            case TemplateValue.List { View: null } list: WriteList(list.Items); break;
            case TemplateValue.Map map: WriteMap(map.Entries); break;
            case TemplateValue.Undefined undefined: throw undefined.Fault();
            default: throw new TemplateException($"A value of type {PythonText.TypeName(value)} cannot be written as JSON.");
        }
        context.Meter.Leave();
    }

    private static string Number(double value) => value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        _ => PythonNumbers.Repr(value),
    };

    private void WriteList(List<TemplateValue> items)
    {
        if (items.Count == 0)
        {
            _buffer.Write("[]");
            return;
        }
        _buffer.Write('[');
        _level++;
        for (var at = 0; at < items.Count; at++)
        {
            BeginItem(at == 0);
            Write(items[at]);
        }
        _level--;
        NewLine();
        _buffer.Write(']');
    }

    private void WriteMap(MapEntries entries)
    {
        if (entries.Count == 0)
        {
            _buffer.Write("{}");
            return;
        }
        _buffer.Write('{');
        _level++;
        var first = true;
        foreach (var (key, value) in layout.SortKeys ? Sorted(entries) : (IEnumerable<KeyValuePair<TemplateValue, TemplateValue>>)entries)
        {
            BeginItem(first);
            first = false;
            WriteText(KeyText(key));
            _buffer.Write(layout.KeySeparator);
            Write(value);
        }
        _level--;
        NewLine();
        _buffer.Write('}');
    }

    private List<KeyValuePair<TemplateValue, TemplateValue>> Sorted(MapEntries entries)
    {
        var pairs = entries.ToList();
        var comparer = Comparer<TemplateValue>.Create((a, b) => ValueOrder.Compare(context.Meter, a, b));
        return StableOrder.Of(pairs, pair => pair.Key, comparer, reverse: false);
    }

    private static string KeyText(TemplateValue key) => key switch
    {
        TemplateValue.Text text => text.Value,
        TemplateValue.None => "null",
        TemplateValue.Bool flag => flag.Value ? "true" : "false",
        TemplateValue.Float number => number.Source ?? Number(number.Value),
        _ when Numbers.Whole(key) is { } whole => Numbers.Text(whole),
        _ => throw new TemplateException($"A value of type {PythonText.TypeName(key)} cannot be a key in JSON."),
    };

    private void BeginItem(bool first)
    {
        if (!first)
            _buffer.Write(layout.ItemSeparator);
        NewLine();
    }

    private void NewLine()
    {
        if (layout.Indent is not { } indent)
            return;
        _buffer.Write('\n');
        for (var level = 0; level < _level; level++)
            _buffer.Write(indent);
    }

    private void WriteText(string text)
    {
        _buffer.Write('"');
        var remaining = text.AsSpan();
        while (!remaining.IsEmpty)
        {
            var plain = layout.EnsureAscii ? remaining.IndexOfAnyExceptInRange(' ', '~') : remaining.IndexOfAny(Escaped);
            if (layout.EnsureAscii && remaining.IndexOfAny('"', '\\') is >= 0 and var special && (plain < 0 || special < plain))
                plain = special;
            if (plain < 0)
                break;
            _buffer.Write(remaining[..plain]);
            WriteEscape(remaining[plain]);
            remaining = remaining[(plain + 1)..];
        }
        _buffer.Write(remaining);
        _buffer.Write('"');
    }

    private void WriteEscape(char one)
    {
        switch (one)
        {
            case '"': _buffer.Write("\\\""); break;
            case '\\': _buffer.Write("\\\\"); break;
            case '\n': _buffer.Write("\\n"); break;
            case '\r': _buffer.Write("\\r"); break;
            case '\t': _buffer.Write("\\t"); break;
            case '\b': _buffer.Write("\\b"); break;
            case '\f': _buffer.Write("\\f"); break;
            case HostMarks.Cut or HostMarks.Escape: _buffer.Write(one); break;
            default:
                _buffer.Write("\\u");
                _buffer.Write(((int)one).ToString("x4", CultureInfo.InvariantCulture));
                break;
        }
    }
}
