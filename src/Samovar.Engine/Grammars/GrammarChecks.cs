namespace Samovar.Engine.Grammars;

/// <summary>Finds which rules can be empty, and refuses rules that would come round to themselves without a character between.</summary>
internal sealed class GrammarChecks
{
    private const int StepsPerNode = 16;
    private readonly GbnfGrammar _grammar;
    private readonly bool[] _canBeEmpty;
    private long _stepsLeft;

    /// <exception cref="GrammarFaultException">A rule is left-recursive, or the rules depend on each other in too many ways.</exception>
    public GrammarChecks(GbnfGrammar grammar, GrammarBounds bounds)
    {
        (_grammar, _stepsLeft) = (grammar, (long)bounds.NodesMax * StepsPerNode);
        _canBeEmpty = new bool[grammar.Rules.Count];
        FindEmpty();
        RefuseLeftRecursion();
    }

    public bool CanBeEmpty(GbnfNode node)
    {
        if (--_stepsLeft < 0) throw new GrammarFaultException("The grammar's rules depend on each other in too many ways.");
        return node switch
        {
            GbnfNode.Literal literal => literal.Bytes.Length == 0,
            GbnfNode.Rule rule => _canBeEmpty[rule.Id],
            GbnfNode.Sequence sequence => Array.TrueForAll(sequence.Parts, CanBeEmpty),
            GbnfNode.Choice choice => Array.Exists(choice.Parts, CanBeEmpty),
            GbnfNode.Repeat repeat => repeat.Min == 0 || repeat.Max == 0 || CanBeEmpty(repeat.Part),
            _ => false,
        };
    }

    private void FindEmpty()
    {
        var users = new List<int>?[_grammar.Rules.Count];
        for (var rule = 0; rule < users.Length; rule++)
            foreach (var used in Used(_grammar.Rules[rule]).Distinct()) (users[used] ??= []).Add(rule);
        var waiting = new Queue<int>(Enumerable.Range(0, users.Length));
        var waits = new bool[users.Length];
        Array.Fill(waits, true);
        while (waiting.TryDequeue(out var rule))
        {
            waits[rule] = false;
            if (_canBeEmpty[rule] || !CanBeEmpty(_grammar.Rules[rule])) continue;
            _canBeEmpty[rule] = true;
            foreach (var user in users[rule] ?? [])
                if (!_canBeEmpty[user] && !waits[user])
                {
                    waits[user] = true;
                    waiting.Enqueue(user);
                }
        }
    }

    private static IEnumerable<int> Used(GbnfNode node)
    {
        var open = new Stack<GbnfNode>([node]);
        while (open.TryPop(out var next))
            switch (next)
            {
                case GbnfNode.Rule rule: yield return rule.Id; break;
                case GbnfNode.Sequence sequence: foreach (var part in sequence.Parts) open.Push(part); break;
                case GbnfNode.Choice choice: foreach (var part in choice.Parts) open.Push(part); break;
                case GbnfNode.Repeat repeat: open.Push(repeat.Part); break;
            }
    }

    // Depth first with a stack of its own: a chain of rules may be longer than the thread's.
    private void RefuseLeftRecursion()
    {
        var (isOpen, isDone) = (new bool[_grammar.Rules.Count], new bool[_grammar.Rules.Count]);
        for (var first = 0; first < isDone.Length; first++)
        {
            var path = new Stack<(int Rule, IEnumerator<int> Next)>();
            Open(first);
            while (path.TryPeek(out var top))
                if (top.Next.MoveNext()) Open(top.Next.Current);
                else
                {
                    (isOpen[top.Rule], isDone[top.Rule]) = (false, true);
                    path.Pop();
                }

            void Open(int rule)
            {
                if (isOpen[rule])
                    throw new GrammarFaultException($"The grammar's rule '{_grammar.Names[rule]}' comes round to itself at its start.");
                if (isDone[rule]) return;
                isOpen[rule] = true;
                path.Push((rule, First(_grammar.Rules[rule]).GetEnumerator()));
            }
        }
    }

    /// <summary>The rules that may stand first.</summary>
    private List<int> First(GbnfNode node)
    {
        var found = new List<int>();
        var open = new Stack<GbnfNode>([node]);
        while (open.TryPop(out var next))
            switch (next)
            {
                case GbnfNode.Rule rule: found.Add(rule.Id); break;
                case GbnfNode.Choice choice: foreach (var part in choice.Parts) open.Push(part); break;
                case GbnfNode.Repeat { Max: not 0 } repeat: open.Push(repeat.Part); break;
                case GbnfNode.Sequence sequence:
                    foreach (var part in sequence.Parts)
                    {
                        open.Push(part);
                        if (!CanBeEmpty(part)) break;
                    }
                    break;
            }
        return found;
    }
}
