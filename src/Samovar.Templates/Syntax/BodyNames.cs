namespace Samovar.Templates.Syntax;

/// <summary>The names that one body uses, and what each is when the body begins. See <see cref="UnsetNames"/>.</summary>
internal sealed class BodyNames(BodyNames? outer)
{
    private Dictionary<string, bool> _isUnset = new(StringComparer.Ordinal); // by name
    private HashSet<string> _stored = new(StringComparer.Ordinal);

    public int Count => _isUnset.Count + _stored.Count;

    public string[] Unset => [.. _isUnset.Where(static name => name.Value).Select(static name => name.Key)];

    /// <summary>The same names, for one of several ways.</summary>
    public BodyNames Copy() => new(outer)
    {
        _isUnset = new(_isUnset, StringComparer.Ordinal), _stored = new(_stored, StringComparer.Ordinal),
    };

    /// <summary>One of these ways is gone: what one of them stores may still be what the body was given.</summary>
    public void Join(params ReadOnlySpan<BodyNames> ways)
    {
        var before = new HashSet<string>(_stored, StringComparer.Ordinal);
        foreach (var way in ways)
        {
            foreach (var (name, isUnset) in way._isUnset) _isUnset[name] = isUnset;
            _stored.UnionWith(way._stored);
        }
        foreach (var name in _stored.Where(name => !before.Contains(name))) _isUnset[name] = false;
    }

    /// <summary>It is given to the body.</summary>
    public void Take(Target target, string? also = null)
    {
        foreach (var name in NamesOf(target)) Take(name);
        if (also is not null) Take(also);
    }

    /// <summary>A macro's parameters, what it may take beside them, and what its defaults read.</summary>
    public void Take(MacroDefinition macro)
    {
        foreach (var parameter in macro.Parameters) Take(parameter.Identifier);
        if (macro.TakesMore) Take("varargs");
        if (macro.TakesOtherNames) Take("kwargs");
        if (macro.TakesCaller) Take("caller");
        foreach (var parameter in macro.Parameters)
        {
            if (parameter.Default is { } value) Load(value);
        }
    }

    public void Store(Target target)
    {
        if (target is Target.NamespaceAttribute attribute) Load(attribute.Namespace);
        foreach (var name in NamesOf(target)) Store(name);
    }

    public void Store(string name)
    {
        _stored.Add(name);
        if (!_isUnset.ContainsKey(name)) _isUnset[name] = outer?.Knows(name) != true;
    }

    public void Load(Expression expression)
    {
        foreach (var name in ExpressionNames.In(expression)) Load(name);
    }

    public void Load(FilterCall[] filters)
    {
        foreach (var filter in filters)
        {
            foreach (var name in ExpressionNames.In(filter.Arguments)) Load(name);
        }
    }

    private void Load(string name)
    {
        if (!Knows(name)) _isUnset[name] = false;
    }

    private void Take(string name) => _isUnset[name] = false;

    private bool Knows(string name) => _isUnset.ContainsKey(name) || outer?.Knows(name) == true;

    private static IEnumerable<string> NamesOf(Target target) => target switch
    {
        Target.Name name => [name.Identifier],
        Target.Several several => several.Parts.SelectMany(NamesOf),
        _ => [],
    };
}
