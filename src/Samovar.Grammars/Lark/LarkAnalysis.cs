using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>What follows from a grammar's rules: which may be empty, which can end, and which begin with themselves.</summary>
internal sealed class LarkAnalysis
{
    private readonly LarkDefinitions _definitions;
    private readonly Func<LarkNode.Pattern, bool> _canBeEmpty;
    private readonly GrammarWork _work;
    private readonly HashSet<string> _empty;
    private readonly HashSet<string> _ending;

    /// <param name="definitions">All names are known.</param>
    /// <param name="canBeEmpty">Whether a regular expression matches nothing at all.</param>
    /// <param name="work">Counts what is looked at.</param>
    public LarkAnalysis(LarkDefinitions definitions, Func<LarkNode.Pattern, bool> canBeEmpty, GrammarWork work)
    {
        (_definitions, _canBeEmpty, _work) = (definitions, canBeEmpty, work);
        _empty = []; // no name is within what is asked below
        _empty = LarkGrowth.Of(definitions, CanBeEmpty, work);
        _ending = LarkGrowth.Of(definitions, _ => true, work);
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
        var isDone = new Dictionary<string, bool>(StringComparer.Ordinal); // not yet those on the way to where we are
        var way = new Stack<(string Name, IEnumerator<string> Starts)>();
        foreach (var (name, _) in _definitions.All)
        {
            if (!isDone.ContainsKey(name)) Enter(name);
            while (way.TryPeek(out var last))
            {
                _work.Take(1);
                if (!last.Starts.MoveNext()) isDone[way.Pop().Name] = true;
                else if (!isDone.TryGetValue(last.Starts.Current, out var done)) Enter(last.Starts.Current);
                else if (!done) return last.Starts.Current;
            }
        }
        return null;

        void Enter(string name)
        {
            isDone[name] = false;
            way.Push((name, Starts(_definitions.Find(name)!).GetEnumerator()));
        }
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

    private IEnumerable<string> Starts(LarkNode node)
    {
        _work.Take(1);
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
