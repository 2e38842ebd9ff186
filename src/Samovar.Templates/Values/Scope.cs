namespace Samovar.Templates.Values;

/// <summary>The names of one block; what it does not have is looked for outside.</summary>
internal sealed class Scope(Scope? outer)
{
    private const int FirstCapacity = 4;

    private KeyValuePair<string, TemplateValue>[] _names = [];
    private int _count;

    public TemplateValue? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            var at = scope.IndexOf(name);
            if (at >= 0)
                return scope._names[at].Value;
        }
        return null;
    }

    public void Set(string name, TemplateValue value)
    {
        var at = IndexOf(name);
        if (at < 0)
        {
            at = _count++;
            if (at == _names.Length)
                Array.Resize(ref _names, Math.Max(FirstCapacity, at * 2));
        }
        _names[at] = new(name, value);
    }

    /// <summary>The same names as they are now, without those that are yet to be set.</summary>
    public Scope WithoutUnset()
    {
        var known = new Scope(outer);
        foreach (var (name, value) in _names.AsSpan(0, _count))
        {
            if (value is not TemplateValue.Undefined { IsUnset: true }) known.Set(name, value);
        }
        return known;
    }

    private Scope? Outer => outer;

    private int IndexOf(string name)
    {
        for (var at = 0; at < _count; at++)
        {
            if (string.Equals(_names[at].Key, name, StringComparison.Ordinal))
                return at;
        }
        return -1;
    }
}
