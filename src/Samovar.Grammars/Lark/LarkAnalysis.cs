namespace Samovar.Grammars.Lark;

/// <summary>What follows from a grammar's rules: which may be empty, which can end, and which begin with themselves.</summary>
internal sealed class LarkAnalysis
{
    private readonly LarkDefinitions _definitions;
    private readonly Func<LarkNode.Pattern, bool> _canBeEmpty;
    private readonly HashSet<string> _empty = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);

    /// <param name="definitions">All names are known.</param>
    /// <param name="canBeEmpty">Whether a regular expression matches nothing at all.</param>
    public LarkAnalysis(LarkDefinitions definitions, Func<LarkNode.Pattern, bool> canBeEmpty)
    {
        (_definitions, _canBeEmpty) = (definitions, canBeEmpty);
        Grow(_empty, CanBeEmpty);
        Grow(_ending, CanEnd);
    }

    /// <summary>The names that a node uses.</summary>
    public static IEnumerable<string> Names(LarkNode node) => node switch
    {
        LarkNode.Name name => [name.Identifier],
        LarkNode.Sequence sequence => sequence.Parts.SelectMany(Names),
        LarkNode.Choice choice => choice.Parts.SelectMany(Names),
        LarkNode.Repeat repeat => Names(repeat.Part),
        _ => [],
    };

    /// <summary>The first name that can never come to an end, such as <c>a: "x" a</c>.</summary>
    public string? Endless() => _definitions.All.Select(one => one.Key).FirstOrDefault(name => !_ending.Contains(name));

    /// <summary>A name whose text may begin with itself, with nothing before.</summary>
    public string? BeginsWithItself()
    {
        foreach (var (name, _) in _definitions.All)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var waiting = new Stack<string>(Starts(_definitions.Find(name)!));
            while (waiting.TryPop(out var next))
            {
                if (string.Equals(next, name, StringComparison.Ordinal))
                    return name;
                if (!seen.Add(next))
                    continue;
                foreach (var start in Starts(_definitions.Find(next)!))
                    waiting.Push(start);
            }
        }
        return null;
    }

    public bool CanBeEmpty(LarkNode node) => node switch
    {
        LarkNode.Literal literal => literal.Text.Length == 0,
        LarkNode.Pattern pattern => _canBeEmpty(pattern),
        LarkNode.Name name => _empty.Contains(name.Identifier),
        LarkNode.Sequence sequence => Array.TrueForAll(sequence.Parts, CanBeEmpty),
        LarkNode.Choice choice => Array.Exists(choice.Parts, CanBeEmpty),
        LarkNode.Repeat repeat => repeat.Min == 0 || CanBeEmpty(repeat.Part),
        _ => false,
    };

    private bool CanEnd(LarkNode node) => node switch
    {
        LarkNode.Name name => _ending.Contains(name.Identifier),
        LarkNode.Sequence sequence => Array.TrueForAll(sequence.Parts, CanEnd),
        LarkNode.Choice choice => Array.Exists(choice.Parts, CanEnd),
        LarkNode.Repeat repeat => repeat.Min == 0 || CanEnd(repeat.Part),
        _ => true,
    };

    private void Grow(HashSet<string> names, Func<LarkNode, bool> holds)
    {
        for (var grew = true; grew;)
        {
            grew = false;
            foreach (var (name, node) in _definitions.All)
                grew |= !names.Contains(name) && holds(node) && names.Add(name);
        }
    }

    private IEnumerable<string> Starts(LarkNode node)
    {
        switch (node)
        {
            case LarkNode.Name name:
                yield return name.Identifier;
                break;
            case LarkNode.Repeat repeat:
                foreach (var start in Starts(repeat.Part)) yield return start;
                break;
            case LarkNode.Choice choice:
                foreach (var start in choice.Parts.SelectMany(Starts)) yield return start;
                break;
            case LarkNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    foreach (var start in Starts(part)) yield return start;
                    if (!CanBeEmpty(part)) break;
                }
                break;
        }
    }
}
