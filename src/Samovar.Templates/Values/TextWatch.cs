namespace Samovar.Templates.Values;

/// <summary>Notes what a render does with <see cref="WatchedWords"/> beside writing them.</summary>
/// <remarks>
/// A render whose texts were only written, trimmed, joined, or searched for other texts that they have not, goes the same way for any texts
/// that have not got these either. What is not known to be harmless counts as looking into them.
/// </remarks>
internal sealed class TextWatch
{
    private const int DepthMax = 8;

    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "mapping", "sequence",
        "iterable", "callable", "escaped",
    };

    private static readonly HashSet<string> HarmlessFilters = new(StringComparer.Ordinal)
    {
        "string", "default", "d", "tojson", "safe", "e", "escape", "forceescape", "upper", "lower", "title", "capitalize", "list", "items",
        "first", "last", "join", "reverse",
    };

    private static readonly HashSet<string> HarmlessMethods = new(StringComparer.Ordinal)
    {
        "get", "items", "keys", "values", "copy", "append", "extend", "insert", "pop", "update", "setdefault", "join", "upper", "lower",
        "casefold", "title", "capitalize", "swapcase",
    };

    private static readonly HashSet<string> Searches = new(StringComparer.Ordinal)
    {
        "startswith", "endswith", "removeprefix", "removesuffix", "split", "rsplit", "partition", "rpartition", "replace", "find", "rfind",
        "index", "rindex", "count",
    };

    /// <summary>What a message has that is the same whatever it says.</summary>
    private static readonly HashSet<string> Structure = new(StringComparer.Ordinal) { "role", "type", "tool_calls" };

    private readonly HashSet<string> _needles = new(StringComparer.Ordinal);

    /// <summary>What texts were searched for, or compared with.</summary>
    public IReadOnlySet<string> Needles => _needles;

    /// <summary>Whether texts were looked into in another way.</summary>
    public bool LooksInto { get; private set; }

    /// <summary>Whether a call's arguments were looked into.</summary>
    public bool ReadsArguments { get; private set; }

    /// <summary>Whether what was said was compared with what was said elsewhere.</summary>
    public bool ComparesTexts { get; private set; }

    /// <summary>Whether whole messages were compared.</summary>
    public bool ComparesMessages { get; private set; }

    /// <summary>Whether a length is only asked whether it is none.</summary>
    public bool IsLengthHarmless { get; set; }

    public void Filtered(string name, TemplateValue input, CallArguments arguments)
    {
        if (HarmlessFilters.Contains(name)) return; // a text that is walked is noted there
        if (name is "trim") Stripped(input, arguments);
        else if (name is "length" or "count") Counted(input);
        else if (name is "replace") Searched(input, arguments.Find(0, "old"));
        else if (name is "map" && arguments.Positional.Length == 0) return;
        else if (name is "selectattr" or "rejectattr" && arguments.Positional is [TemplateValue.Text { Value: var key }, ..]
            && Structure.Contains(key))
            return;
        else if (input is TemplateValue.Stream) LooksInto = true;
        else Look(input);
    }

    public void Called(TemplateValue target, string method, CallArguments arguments)
    {
        if (target is TemplateValue.Text && method is "strip" or "lstrip" or "rstrip") Stripped(target, arguments);
        else if (target is TemplateValue.Text && Searches.Contains(method)) Searched(target, arguments.Positional.FirstOrDefault());
        else if (!HarmlessMethods.Contains(method))
        {
            if (target is TemplateValue.Text) Look(target);
            foreach (var argument in arguments.Positional) Look(argument);
        }
        else if (method is "get" or "pop" or "setdefault" && arguments.Positional is [var key, ..]) Look(key);
    }

    public void Tested(string name, TemplateValue value, CallArguments arguments)
    {
        if (Kinds.Contains(name)) return;
        if (arguments.Positional is not [var other]) Look(value);
        else if (name is "==" or "eq" or "equalto" or "!=" or "ne") Compared(Comparison.Equal, value, other);
        else if (name is "in") Compared(Comparison.In, value, other);
        else Compared(Comparison.Less, value, other);
    }

    public void Compared(Comparison comparison, TemplateValue left, TemplateValue right)
    {
        if (comparison is Comparison.Equal or Comparison.NotEqual) Equal(left, right);
        else if (comparison is not (Comparison.In or Comparison.NotIn)) (_, _) = (Look(left), Look(right));
        else if (right is TemplateValue.Text) Searched(right, left);
        else if (right is TemplateValue.List list && Holds(left)) list.Items.ForEach(item => Equal(left, item));
        else if (right is TemplateValue.Map map) map.Entries.Keys.ToList().ForEach(key => Equal(left, key));
        else Look(right);
    }

    /// <summary>A place in a value was read.</summary>
    public void Read(TemplateValue target, TemplateValue key)
    {
        if (target is TemplateValue.Text) Look(target);
        Look(key);
    }

    /// <summary>A value was cut, or walked through.</summary>
    public void TakenApart(TemplateValue value)
    {
        if (value is TemplateValue.Text) Look(value);
    }

    /// <summary>Values were put into a form, which may cut them.</summary>
    public void Formatted(TemplateValue values) => Look(values);

    private void Counted(TemplateValue input)
    {
        if (!IsLengthHarmless && input is TemplateValue.Text) Look(input);
    }

    /// <summary>White space at an end goes: no text that says something becomes empty.</summary>
    private void Stripped(TemplateValue input, CallArguments arguments)
    {
        if (arguments.Find(0, "chars") is null or TemplateValue.None) return;
        if (arguments.Find(0, "chars") is not TemplateValue.Text chars || !chars.Value.All(PythonChars.IsSpace)) Look(input);
    }

    private void Searched(TemplateValue input, TemplateValue? needle)
    {
        if (needle is TemplateValue.List { IsTuple: true } several) several.Items.ForEach(one => Searched(input, one));
        else if (needle is TemplateValue.Text text && !Holds(needle)) Searched(input, text.Value);
        else if (needle is not null && Holds(needle)) (ComparesTexts, _) = (ComparesTexts || Holds(input), Look(needle));
        else Look(input);
    }

    private void Searched(TemplateValue input, string needle)
    {
        if (input is not TemplateValue.Text { Value: var text } || !WatchedWords.AreIn(text)) return;
        if (WatchedWords.Contains(text, WatchedWords.ArgumentDigits)) ReadsArguments = true;
        else if (!WatchedWords.AreUnchanged(text) || text.Contains(needle, StringComparison.Ordinal)) LooksInto = true;
        else _needles.Add(needle);
    }

    private void Equal(TemplateValue left, TemplateValue right)
    {
        var (isLeft, isRight) = (Holds(left), Holds(right));
        if (!isLeft && !isRight) return;
        switch (left, right)
        {
            case (TemplateValue.Text, TemplateValue.Text) when isLeft && isRight:
                ComparesTexts = true;
                break;
            case (TemplateValue.Text, TemplateValue.Text text) when isLeft && !string.IsNullOrWhiteSpace(text.Value):
                Searched(left, text.Value);
                break;
            case (TemplateValue.Text text, TemplateValue.Text) when isRight && !string.IsNullOrWhiteSpace(text.Value):
                Searched(right, text.Value);
                break;
            case (TemplateValue.Map, TemplateValue.Map) when isLeft && isRight:
                ComparesMessages = true;
                break;
            case (TemplateValue.List or TemplateValue.Map, TemplateValue.List or TemplateValue.Map):
                LooksInto = true;
                break;
        }
    }

    /// <summary>Looked into are the texts of this value; whether it has any.</summary>
    private bool Look(TemplateValue value)
    {
        if (!Holds(value)) return false;
        if (Holds(value, WatchedWords.ArgumentDigits, 0)) ReadsArguments = true;
        if (Holds(value, WatchedWords.TextDigits, 0) || Holds(value, WatchedWords.NameDigits, 0)) LooksInto = true;
        return true;
    }

    private static bool Holds(TemplateValue value) => Holds(value, null, 0);

    private static bool Holds(TemplateValue value, string? digits, int depth) => value switch
    {
        _ when depth > DepthMax => true,
        TemplateValue.Text text => digits is null ? WatchedWords.AreIn(text.Value) : WatchedWords.Contains(text.Value, digits),
        TemplateValue.List list => list.Items.Exists(item => Holds(item, digits, depth + 1)),
        TemplateValue.Map map => map.Entries.Any(entry => Holds(entry.Key, digits, depth + 1) || Holds(entry.Value, digits, depth + 1)),
        TemplateValue.Namespace known => known.Attributes.Any(entry => Holds(entry.Value, digits, depth + 1)),
        TemplateValue.Stream => true,
        _ => false,
    };
}
