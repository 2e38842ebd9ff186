using System.Runtime.InteropServices;

namespace Samovar.Engine.Grammars;

/// <summary>Runs a grammar's automaton byte by byte, and remembers where each byte led. One thread at a time.</summary>
/// <remarks>
/// A state is the set of all nodes where the automaton may be, each with the set of all its stacks, so no way to read the text is followed
/// twice. One byte takes <see cref="GrammarBounds.StepsPerByte"/> steps at most and leads to <see cref="GrammarBounds.LiveMax"/> nodes at
/// most; a grammar that needs more ends with a fault. When what is remembered has grown too large it is forgotten, and learned again where
/// it is needed.
/// </remarks>
internal sealed class LearnedStates
{
    private const int ForcedBytesMax = 256;
    private readonly GrammarProgram _program;
    private readonly GrammarBounds _bounds;
    private readonly ByteClasses _classes;
    private readonly TriggerWatch _triggers;
    private readonly StackSets _stacks;
    private readonly HashSet<LiveState> _states = [];
    private readonly Dictionary<int, StackSet> _reached = [];
    private readonly Stack<(int Node, StackSet Stacks)> _open = new();
    private StepAllowance _steps = new(0);
    private int _stepsBefore;
    private long _bytes;
    private int _age;

    public LearnedStates(GrammarProgram program, TriggerWatch triggers, GrammarBounds bounds)
    {
        (_program, _bounds, _triggers) = (program, bounds, triggers);
        _classes = new ByteClasses(program, triggers);
        _stacks = new StackSets(program, bounds, Count);
    }

    /// <summary>Kinds of bytes that the grammar tells apart.</summary>
    public int Kinds => _classes.Count;

    /// <summary>A byte of a kind.</summary>
    public byte ByteOf(int kind) => _classes.First(kind);

    /// <summary>Bytes of what is remembered.</summary>
    public long Bytes => _bytes + _stacks.Bytes;

    /// <summary>The state before the first character.</summary>
    /// <param name="begun">The part without triggers that has begun before it; null for none.</param>
    /// <param name="steps">Pays.</param>
    /// <exception cref="GrammarFaultException">It costs more than its bounds.</exception>
    public LiveState Start(int? begun, StepAllowance steps)
    {
        return _triggers.IsEmpty ? StartOfGrammar(steps) : Once([], [], TriggerWatch.Start(begun));
    }

    /// <summary>The state in which the grammar binds, before its first character.</summary>
    /// <exception cref="GrammarFaultException">It costs more than its bounds.</exception>
    public LiveState StartOfGrammar(StepAllowance steps)
    {
        Begin(steps);
        return Beginning();
    }

    /// <summary>The state after one more byte.</summary>
    /// <exception cref="GrammarFaultException">It costs more than its bounds.</exception>
    public LiveState Next(LiveState state, byte one, StepAllowance steps)
    {
        Refresh(state);
        var known = state.Known ??= new LiveState?[Charge(_classes.Count * nint.Size, _classes.Count)];
        ref var next = ref known[_classes.Of(one)];
        if (next is not null) return next;
        Begin(steps);
        var found = state.Seen is null ? Step(state, one) : Watch(state.Seen, one);
        if (Bytes > _bounds.LearnedBytesMax) Forget();
        else next = found;
        return found;
    }

    /// <summary>Remembers the tokens that may follow a state.</summary>
    public void Keep(LiveState state, ulong[] mask)
    {
        Refresh(state);
        state.Mask = mask;
        _bytes += sizeof(ulong) * (long)mask.Length;
    }

    /// <summary>The tokens that may follow a state, where they are known.</summary>
    public ulong[]? MaskOf(LiveState state) => state.Age == _age ? state.Mask : null;

    /// <summary>The tokens of the text that must come next, as the tokenizer cuts it; none where there are several, or where the allowance
    /// was spent first.</summary>
    /// <exception cref="GrammarFaultException">It costs more than its bounds.</exception>
    public int[] Forced(LiveState state, ITokenizer tokenizer, StepAllowance steps)
    {
        Refresh(state);
        if (state.Forced is { } known) return known;
        var bytes = new List<byte>();
        for (var at = state; bytes.Count < ForcedBytesMax && OnlyByte(at) is { } one; at = Next(at, one, steps))
        {
            if (steps.IsSpent) return [];
            steps.Take();
            bytes.Add(one);
        }
        var text = Whole(CollectionsMarshal.AsSpan(bytes));
        var forced = text.Length == 0 ? [] : tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true);
        Refresh(state);
        state.Forced = forced;
        _bytes += sizeof(int) * (long)forced.Length;
        return forced;
    }

    /// <summary>The byte that must come next; null where there are several, or the text may end.</summary>
    private byte? OnlyByte(LiveState state)
    {
        if (state.MayEnd) return null;
        var only = (byte?)null;
        foreach (var node in state.Nodes)
            foreach (var edge in _program.EdgesOf(_program.Nodes[node]))
                if (edge.Low != edge.High || only is { } other && other != edge.Low) return null;
                else only = (byte)edge.Low;
        return only;
    }

    /// <summary>Without the beginning of a character that ends elsewhere.</summary>
    private static string Whole(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.Length;
        while (end > 0 && System.Text.Rune.DecodeLastFromUtf8(bytes[..end], out _, out var length) != System.Buffers.OperationStatus.Done)
            end -= length;
        return System.Text.Encoding.UTF8.GetString(bytes[..end]);
    }

    private void Refresh(LiveState state)
    {
        if (state.Age != _age) (state.Known, state.Mask, state.Forced, state.Age) = (null, null, null, _age);
    }

    private void Forget()
    {
        _states.Clear();
        _stacks.Clear();
        _bytes = 0;
        _age++; // what older states know is dropped when they are next looked at
    }

    private LiveState Beginning()
    {
        _open.Push((_program.Start, StackSet.Empty));
        return Close();
    }

    private LiveState Step(LiveState state, byte one)
    {
        for (var at = 0; at < state.Nodes.Length; at++)
        {
            var edges = _program.EdgesOf(_program.Nodes[state.Nodes[at]]);
            Count(1 + edges.Length / 8);
            foreach (var edge in edges)
                if (edge.Low <= one && one <= edge.High) _open.Push((edge.Target, state.Stacks[at]));
        }
        return Close();
    }

    /// <summary>Before the grammar binds: it begins with the trigger that this byte completes.</summary>
    private LiveState Watch(byte[] seen, byte one)
    {
        var (next, found) = _triggers.Next(seen, one);
        if (found is null) return Once([], [], next);
        var state = Beginning();
        foreach (var written in found) state = Step(state, written);
        return state;
    }

    /// <summary>Follows everything that takes no byte.</summary>
    private LiveState Close()
    {
        _reached.Clear();
        var waiting = 0;
        while (_open.TryPop(out var place))
        {
            Count(1);
            ref var reached = ref CollectionsMarshal.GetValueRefOrAddDefault(_reached, place.Node, out var isKnown);
            if ((isKnown ? _stacks.Beyond(reached!, place.Stacks) : place.Stacks) is not { } fresh) continue;
            reached = isKnown ? _stacks.Union(reached!, fresh) : fresh;
            var node = _program.Nodes[place.Node];
            if (node.Kind is NodeKind.Bytes or NodeKind.End)
            {
                if (!isKnown && ++waiting > _bounds.LiveMax) throw TooMany();
            }
            else Follow(node, fresh);
        }
        return Gathered(waiting);
    }

    private void Follow(ProgramNode node, StackSet stacks)
    {
        switch (node.Kind)
        {
            case NodeKind.Split:
                foreach (var target in _program.TargetsOf(node)) _open.Push((target, stacks));
                break;
            case NodeKind.Call:
                var isLast = _program.Nodes[node.B].Kind == NodeKind.Return;
                Open(_program.Entries[node.A], isLast ? stacks : _stacks.Push(new StackFrame(node.B, 0), stacks));
                break;
            case NodeKind.Return:
                for (var top = 0; top < stacks.Frames.Length; top++) _open.Push((stacks.Frames[top].Node, stacks.Below[top]));
                break;
            case NodeKind.Enter:
                var counted = _program.Counts[node.A];
                if (counted.Min == 0) _open.Push((counted.Next, stacks));
                Open(counted.Body, _stacks.Push(new StackFrame(counted.Iterate, 1), stacks));
                break;
            case NodeKind.Iterate:
                var count = _program.Counts[node.A];
                Open(count.Next, _stacks.Left(stacks, count));
                Open(count.Body, _stacks.Again(stacks, count));
                break;
        }
        Count(stacks.Frames.Length);
    }

    private void Open(int node, StackSet? stacks)
    {
        if (stacks is not null) _open.Push((node, stacks));
    }

    private LiveState Gathered(int waiting)
    {
        var nodes = new int[waiting];
        var at = 0;
        foreach (var node in _reached.Keys)
            if (_program.Nodes[node].Kind is NodeKind.Bytes or NodeKind.End) nodes[at++] = node;
        Array.Sort(nodes);
        return Once(nodes, Array.ConvertAll(nodes, node => _reached[node]), null);
    }

    private LiveState Once(int[] nodes, StackSet[] stacks, byte[]? seen)
    {
        var state = new LiveState(nodes, stacks, _program.End, seen) { Age = _age };
        if (_states.TryGetValue(state, out var known)) return known;
        _states.Add(state);
        _bytes += state.Bytes;
        return state;
    }

    private int Charge(long bytes, int size)
    {
        _bytes += bytes;
        return size;
    }

    private void Begin(StepAllowance steps)
    {
        _open.Clear(); // a fault may have left something
        (_steps, _stepsBefore) = (steps, steps.Taken);
    }

    private void Count(int steps)
    {
        _steps.Take(steps);
        if (_steps.Taken - _stepsBefore > _bounds.StepsPerByte) throw TooMany();
    }

    private static GrammarFaultException TooMany() =>
        new("The grammar can be read in too many ways at once; fewer counts and choices inside each other would do.");
}
