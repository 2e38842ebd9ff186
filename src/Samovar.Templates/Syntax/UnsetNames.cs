using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>
/// The names that a body stores before it reads them, and that nothing around it knows: they are the body's own from its beginning, and
/// undefined until they are set, also for what stands inside and reads them first.
/// </summary>
/// <remarks>As Jinja2 decides it, for a body at once and before anything is rendered (<c>jinja2/idtracking.py</c>).</remarks>
internal sealed class UnsetNames
{
    /// <summary>Names looked at, over all ways of all branches. A template with hundreds of both has a tenth of it.</summary>
    private const int WorkMax = 2_000_000;

    private static readonly string[] None = [];
    private readonly Dictionary<Statement[], string[]> _bodies = new(ReferenceEqualityComparer.Instance); // few have any
    private int _work;

    private UnsetNames() { }

    public static UnsetNames Of(Statement[] template)
    {
        var names = new UnsetNames();
        names.Read(new BodyNames(outer: null), template, before: null);
        return names;
    }

    public string[] In(Statement[] body) => _bodies.Count > 0 && _bodies.TryGetValue(body, out var names) ? names : None;

    private void Read(BodyNames names, Statement[] body, Action<BodyNames>? before)
    {
        before?.Invoke(names);
        var inner = new List<(Statement[] Body, Action<BodyNames>? Before, bool IsApart)>();
        Visit(body, names, inner);
        if (names.Unset is { Length: > 0 } unset && body.Length > 0)
            _bodies[body] = unset;
        foreach (var (each, first, isApart) in inner) // once all of this body is known
            Read(new BodyNames(isApart ? null : names), each, first);
    }

    private void Visit(
        Statement[] body, BodyNames names, List<(Statement[] Body, Action<BodyNames>? Before, bool IsApart)> inner)
    {
        foreach (var statement in body)
        {
            switch (statement)
            {
                case Statement.Output output: names.Load(output.Value); break;
                case Statement.Together together: Visit(together.Parts, names, inner); break;
                case Statement.If choice: Choose(choice, names, inner); break;
                case Statement.Set set:
                    names.Load(set.Value);
                    names.Store(set.Target);
                    break;
                case Statement.SetBlock set:
                    names.Load(set.Filters);
                    names.Store(set.Target);
                    inner.Add((set.Body, null, false));
                    break;
                case Statement.For loop:
                    names.Load(loop.Items);
                    inner.Add((loop.Body, own => own.Take(loop.Target, "loop"), false));
                    inner.Add((loop.Otherwise, null, false));
                    break;
                case Statement.Macro macro:
                    names.Store(macro.Definition.Identifier);
                    inner.Add((macro.Definition.Body, own => own.Take(macro.Definition), false));
                    break;
                case Statement.CallBlock call:
                    names.Load(call.Call);
                    inner.Add((call.Caller.Body, own => own.Take(call.Caller), false));
                    break;
                case Statement.FilterBlock block:
                    names.Load(block.Filters);
                    inner.Add((block.Body, null, false));
                    break;
                case Statement.Scoped scoped:
                    foreach (var (_, value) in scoped.Names) names.Load(value);
                    inner.Add((scoped.Body, own => Array.ForEach(scoped.Names, one => own.Take(one.Key)), false));
                    break;
                case Statement.AutoEscape escape: inner.Add((escape.Body, own => own.Load(escape.Choice), false)); break;
                case Statement.Block block: inner.Add((block.Body, null, true)); break;
            }
        }
    }

    private void Choose(
        Statement.If choice, BodyNames names, List<(Statement[] Body, Action<BodyNames>? Before, bool IsApart)> inner)
    {
        names.Load(choice.Branches[0].Key);
        var (first, others, otherwise) = (Way(names), Way(names), Way(names));
        Visit(choice.Branches[0].Value, first, inner);
        foreach (var (condition, body) in choice.Branches.Skip(1))
        {
            others.Load(condition);
            var branch = Way(others);
            Visit(body, branch, inner);
            others.Join(branch);
        }
        Visit(choice.Otherwise, otherwise, inner);
        names.Join(first, others, otherwise);
    }

    /// <summary>The same names, for one of several ways; what they cost grows with the product of both.</summary>
    private BodyNames Way(BodyNames names)
    {
        _work += 1 + names.Count;
        return _work <= WorkMax ? names.Copy()
            : throw new TemplateException("The template has too many names in too many branches.");
    }
}
