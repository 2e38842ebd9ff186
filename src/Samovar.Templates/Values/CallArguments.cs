namespace Samovar.Templates.Values;

/// <summary>The values of one call, filter or test, by place and by name.</summary>
internal readonly record struct CallArguments(TemplateValue[] Positional, KeyValuePair<string, TemplateValue>[] Named)
{
    public static readonly CallArguments Empty = new([], []);

    public string[] Names => Array.ConvertAll(Named, pair => pair.Key);

    public int Count => Positional.Length + Named.Length;

    /// <summary>The argument at a place or with a name; null when it is left out.</summary>
    public TemplateValue? Find(int index, string name)
    {
        if (index < Positional.Length)
            return Positional[index];
        foreach (var (key, value) in Named)
        {
            if (string.Equals(key, name, StringComparison.Ordinal))
                return value;
        }
        return null;
    }

    public TemplateValue Require(int index, string name) =>
        Find(index, name) ?? throw new TemplateException($"The argument '{name}' is missing.");

    public string? FindText(int index, string name) => Find(index, name) switch
    {
        null or TemplateValue.None => null,
        TemplateValue.Text text => text.Value,
        var other => throw new TemplateException($"The argument '{name}' must be text, not {PythonText.TypeName(other)}."),
    };

    public string RequireText(int index, string name) =>
        FindText(index, name) ?? throw new TemplateException($"The argument '{name}' must be text.");

    public int? FindInt(int index, string name) => Find(index, name) switch
    {
        null or TemplateValue.None => null,
        TemplateValue.Int whole => (int)Math.Clamp(whole.Value, int.MinValue, int.MaxValue),
        TemplateValue.Bool flag => flag.Value ? 1 : 0,
        var large when Numbers.Whole(large) is not null => throw new TemplateException($"The argument '{name}' is too large."),
        var other => throw new TemplateException($"The argument '{name}' must be a whole number, not {PythonText.TypeName(other)}."),
    };

    /// <summary>A whole number, where none will not do.</summary>
    public int RequireInt(int index, string name, int? otherwise = null) => Find(index, name) is null && otherwise is { } usual
        ? usual
        : FindInt(index, name) ?? throw new TemplateException($"The argument '{name}' must be a whole number.");

    public bool IsTrue(int index, string name, bool otherwise = false) =>
        Find(index, name) is { } value ? Truth.Of(value) : otherwise;

    /// <summary>Without the first <paramref name="count"/> by place.</summary>
    public CallArguments Skip(int count) => this with { Positional = Positional[Math.Min(count, Positional.Length)..] };

    /// <summary>A call with more than this, or with names it does not know, is an error.</summary>
    public void Allow(int most, params ReadOnlySpan<string> names)
    {
        if (Positional.Length > most)
            throw new TemplateException($"At most {most} arguments are taken here, not {Positional.Length}.");
        foreach (var (key, _) in Named)
        {
            if (!names.Contains(key))
                throw new TemplateException($"The argument '{key}' is not known here.");
        }
    }
}
