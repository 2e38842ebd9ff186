using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Grammars;

/// <summary>
/// Compiled grammars by their text: those that turns use stay, of the others the least recently used leave first. Safe for all threads.
/// </summary>
/// <remarks>
/// A grammar weighs what it holds, so what it learned is weighed again when it is used. One is counted once however many turns use it, for
/// the flow whose turn was the first; of the bytes of those in use a flow leaves a part to the others (<see cref="FlowShare"/>).
/// </remarks>
/// <param name="bytesMax">Bytes that all of them may hold, besides what turns that run learn on the way.</param>
internal sealed class CompiledGrammars(long bytesMax)
{
    private const int TimesFree = 4; // a flow that is alone may use four fifths
    private const long FirstBytes = 1 << 16;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _newestFirst = [];
    private readonly HashSet<Entry> _inUse = [];
    private readonly FlowShare _used = new(new ByteShare("grammars", bytesMax), TimesFree, FirstBytes);
    private long _bytes;

    /// <summary>Bytes of all that are kept or in use.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    public CompiledGrammar? Find(string key)
    {
        lock (_gate) return Touched(key)?.Grammar;
    }

    /// <summary>Keeps a grammar; where another thread was faster, that one's counts.</summary>
    public CompiledGrammar Keep(string key, CompiledGrammar grammar)
    {
        lock (_gate) return Entered(key, grammar).Grammar;
    }

    /// <summary>A grammar for a turn, until the turn gives it back; null where those in use leave no room for it.</summary>
    public GrammarUse? Use(string key, CompiledGrammar grammar, FlowId flow)
    {
        lock (_gate)
        {
            foreach (var used in _inUse) Weigh(used);
            var entry = Entered(key, grammar);
            if (entry.Turns == 0)
            {
                if (!_used.TryTake(flow, entry.Bytes)) return null;
                entry.Flow = flow;
                _inUse.Add(entry);
            }
            entry.Turns++;
            return new GrammarUse(entry.Grammar, () => Leave(entry));
        }
    }

    private void Leave(Entry entry)
    {
        lock (_gate)
        {
            Weigh(entry);
            if (--entry.Turns > 0) return;
            _inUse.Remove(entry);
            _used.GiveBack(entry.Flow, entry.Bytes);
            MakeRoom(kept: null);
        }
    }

    private Entry? Touched(string key)
    {
        if (!_byKey.TryGetValue(key, out var node)) return null;
        _newestFirst.Remove(node);
        _newestFirst.AddFirst(node);
        return node.Value;
    }

    private Entry Entered(string key, CompiledGrammar grammar)
    {
        if (Touched(key) is { } known) return known;
        var entry = new Entry(key, grammar);
        _byKey[key] = _newestFirst.AddFirst(entry);
        Weigh(entry);
        MakeRoom(entry);
        return entry;
    }

    private void Weigh(Entry entry)
    {
        var more = entry.Weight - entry.Bytes;
        entry.Bytes += more;
        _bytes += more;
        if (entry.Turns > 0) _used.Take(entry.Flow, more);
    }

    private void MakeRoom(Entry? kept)
    {
        for (var node = _newestFirst.Last; node is not null && _bytes > bytesMax;)
        {
            var (entry, newer) = (node.Value, node.Previous);
            if (entry.Turns == 0 && entry != kept)
            {
                _newestFirst.Remove(node);
                _byKey.Remove(entry.Key);
                _bytes -= entry.Bytes;
            }
            node = newer;
        }
    }

    private sealed class Entry(string key, CompiledGrammar grammar)
    {
        public string Key => key;
        public CompiledGrammar Grammar => grammar;
        public long Weight => grammar.Bytes + sizeof(char) * (long)key.Length;

        /// <summary>As last weighed.</summary>
        public long Bytes { get; set; }

        /// <summary>Turns that use it.</summary>
        public int Turns { get; set; }

        /// <summary>Whose it is while it is used.</summary>
        public FlowId Flow { get; set; }
    }
}

/// <summary>A grammar in one turn's hands; to be given back once, when the turn ends.</summary>
internal sealed class GrammarUse(CompiledGrammar grammar, Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    public CompiledGrammar Grammar => grammar;

    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
